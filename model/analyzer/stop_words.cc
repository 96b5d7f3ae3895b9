#include "model/analyzer/stop_words.h"

#include <utility>

namespace foraker::model {
namespace {

constexpr std::pair<std::string_view, std::string_view> kLists[] = {
    {"danish",
     "af alle at blev da de dem den denne der deres det dette du efter eller en er et for fra ham "
     "han hans har havde hende hendes her hun hvad hvis hvor i ikke ind jeg jer jo kan man med men "
     "mig min mod ned noget nogle nu når og også om op os over på sig sin skal som til ud under "
     "var "
     "ved vi vil"},
    {"dutch",
     "aan al als bij dan dat de der deze die dit door een en er ge had heb hebben heeft hem het "
     "hier hij hoe hun ik in is je kan maar me men met mij mijn naar niet nog nu of om omdat ons "
     "ook op over te tot u uit van voor want waren was wat we wel werd wie wij worden zal ze zich "
     "zij zijn zo zonder zou"},
    {"english",
     "a an and are as at be but by for if in into is it no not of on or such that the their then "
     "there these they this to was will with"},
    {"finnish",
     "ei en että han he hän ja jo joka jos kanssa kun kuin me minä mitä mukaan mutta myös ne niin "
     "nyt näin ole oli olivat on ovat sekä se sen siitä sillä tai tämä vaan voi"},
    {"french",
     "à au aux avec c ce ces cette d dans de des du elle elles en et eux il ils j je l la le les "
     "leur leurs lui m ma mais me même mes moi mon n ne nos notre nous on ou où par pas pour qu "
     "que "
     "qui s sa se ses son sont sur t ta te tes toi ton tu un une vos votre vous y est été être "
     "était"},
    {"german",
     "aber als am an auch auf aus bei bin bis bist da das daß dem den der des die doch du durch "
     "ein "
     "eine einem einen einer eines er es für hat hatte ich ihm ihn ihr im in ist kann man mein "
     "mich "
     "mir mit nach nicht noch nur ob oder ohne sehr sein sich sie sind so über um und uns unter "
     "vom "
     "von vor war was wenn wie wir wird zu zum zur"},
    {"italian",
     "a ad agli ai al alla alle allo anche c che chi ci con cui d da dagli dai dal dalla dalle de "
     "degli dei del della delle dello di e è ed era gli ha hanno i il in io l la le lei lo loro "
     "lui "
     "ma mi ne negli nei nel nella nelle non o per più quella quello questa questo se si sono su "
     "sua sui sul sulla suo ti tra tu un una uno vi"},
    {"norwegian",
     "alle at av både da de deg dem den denne der dere det dette du eller en er et etter for fra "
     "han har hun hva hvis hvor i ikke jeg kan man med meg men min mot når noe og også om opp oss "
     "over på seg sin skal som til under ut var ved vi vil å"},
    {"portuguese",
     "a à ao aos as às até com como da das de dela dele do dos e é ela elas ele eles em entre era "
     "essa esse esta este eu foi foram há isso isto já lhe mais mas me mesmo meu minha muito na "
     "não "
     "nas no nos nós o os ou para pela pelas pelo pelos por qual quando que quem são se sem ser "
     "seu "
     "seus só sua suas também te tem um uma você"},
    {"russian",
     "а без бы был была были было быть в вам вас во вот все всё вы где да для до его ее её ему "
     "если "
     "есть же за и из или им их к как ко когда кто ли мне мы на над не него нет ни но ну о об он "
     "она они оно от по под при с со так то только ты у уже что чтобы это я"},
    {"spanish",
     "a al algo como con cual cuando de del desde donde e el él ella ellas ellos en entre era eran "
     "es esa ese eso esta está este esto fue fueron ha han hasta hay la las le les lo los más me "
     "mi "
     "mis muy ni no nos o os para pero por porque que qué quien se ser si sí sin sobre son su sus "
     "también te tu un una uno unos y ya yo"},
    {"swedish",
     "alla att av blev de dem den denna deras dess det detta dig din du efter ej eller en er ett "
     "från för ha hade han har hon hur i icke inte jag kan man med men mig min mot ni nu när och "
     "om "
     "oss på sig sin som så till under upp ut var vad vi vid vill är över"},
};

}  // namespace

std::string_view StopWords(std::string_view language) {
  for (const auto& [name, words] : kLists) {
    if (name == language) return words;
  }
  return {};
}

}  // namespace foraker::model
