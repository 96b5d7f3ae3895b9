#include "ranker/prompt/prompt_text.h"

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "ranker/prompt/chat_template.h"
#include "ranker/prompt/white_space.h"

namespace foraker::ranker {
namespace {

constexpr std::string_view kInstruction =
    "You will be given a query and a list of documents. Each document will be formatted as ID: "
    "<id> | CONTENT: <content> | END ID: <id>. You need to read carefully and understand all of "
    "them and your goal is to find all document(s) from the list that can help answer the query."
    "\nQuery: ";
constexpr std::string_view kAfterInstruction = "\n\nDocuments:";
constexpr std::string_view kQuestion =
    "\n\n====== Now let's start! ======\nWhich document is most relevant to answer the query? "
    "Print out the ID of the document.\nQuery: ";
constexpr std::string_view kAfterQuestion =
    "\nThe following document(s) can help answer the query:";
constexpr std::string_view kAnswer = "Final Answer: ";

PieceText Piece(std::string text, std::string_view plain, std::string_view after) {
  const size_t begin = text.size();
  absl::StrAppend(&text, base::ToAbsl(plain), base::ToAbsl(after));
  return {std::move(text), {begin, begin + plain.size()}};
}

}  // namespace

PieceText InstructionText(ChatTemplate chat, std::string_view query) {
  const ChatWords& words = ChatWordsOf(chat);
  return Piece(absl::StrCat(base::ToAbsl(words.before_user), base::ToAbsl(kInstruction)), query,
               kAfterInstruction);
}

PieceText DocumentText(uint32_t number, std::string_view content) {
  return Piece(absl::StrCat("\nID: ", number, " | CONTENT: "), content,
               absl::StrCat(" | END ID: ", number));
}

PieceText QuestionText(ChatTemplate chat, std::string_view query) {
  const ChatWords& words = ChatWordsOf(chat);
  return Piece(std::string(kQuestion), query,
               absl::StrCat(base::ToAbsl(kAfterQuestion), base::ToAbsl(words.between),
                            base::ToAbsl(kAnswer)));
}

std::string DocumentContent(const retrieval::RankDocument& document) {
  const std::string joined = absl::StrCat(document.title, " ", document.text);
  return std::string(StripWhiteSpace(joined));
}

}  // namespace foraker::ranker
