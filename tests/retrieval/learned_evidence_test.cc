// Terms that no word of a passage spells: their evidence is the stored position. Explanations name
// the word, snippets show it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/float16.h"
#include "index/term_key.h"
#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Evidence {
  std::string term;
  index::Position position;
};

class LearnedEvidenceTest : public ::testing::Test {
 protected:
  // A document of one passage [begin, end of text) whose terms have these positions in it.
  void Add(std::string title, std::string text, const std::vector<Evidence>& terms,
           uint32_t begin = 0) {
    index::Document document = TestDocument("d", std::move(title), std::move(text));
    std::map<index::TermKey, Evidence> by_key;
    std::map<index::TermKey, std::string> names;
    for (const Evidence& term : terms) {
      const index::TermKey key = index::HashedTermKey(index::TermNamespace::kImported, term.term);
      by_key.emplace(key, term);
      names.emplace(key, term.term);
    }
    index::Passage& passage = document.passages.emplace_back();
    passage.text_begin = begin;
    passage.text_end = static_cast<uint32_t>(document.text.size());
    for (const auto& [key, term] : by_key) {
      passage.vector.keys.push_back(key);
      passage.vector.weights.push_back(base::FloatToFloat16(1.0f));
      passage.vector.positions.push_back(term.position);
    }
    collection_.AddEncoded({std::move(document)}, names);
    searcher_ = collection_.Open();
  }

  SearchHit Search(const std::vector<std::string>& terms, uint32_t snippet_chars = 240) {
    SparseQuery query;
    for (const std::string& term : terms) {
      query.terms.push_back({NamedTerm::Kind::kImported, term, 1.0f});
    }
    SearchRequest request;
    request.collection = collection_.name();
    request.query = std::move(query);
    request.explain = true;
    request.snippet = SnippetRequest{.max_chars = snippet_chars, .count = 1};
    const auto result = searcher_->Search(request);
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->hits.size(), 1u);
    return result->hits.empty() ? SearchHit() : result->hits[0];
  }

  static TermContribution Explained(const SearchHit& hit, const std::string& term) {
    for (const TermContribution& found : hit.explanation->terms) {
      if (found.term == term) return found;
    }
    ADD_FAILURE() << term << " is not explained";
    return {};
  }

  static std::vector<std::string> Highlights(const SearchHit& hit) {
    std::vector<std::string> words;
    for (const Snippet& snippet : hit.snippets) {
      for (const ByteRange& range : snippet.highlights) {
        words.push_back(snippet.text.substr(range.begin, range.end - range.begin));
      }
    }
    return words;
  }

  SearchedCollection collection_;
  std::unique_ptr<LocalSearcher> searcher_;
};

TEST_F(LearnedEvidenceTest, TheWordIsTheOneThatHoldsThePosition) {
  Add("", "Skip. A whaler was diving deep.", {{"ship", 2}, {"swim", 15}}, 6);
  const SearchHit hit = Search({"ship", "swim"});
  const TermContribution ship = Explained(hit, "ship");
  EXPECT_EQ(ship.word_text, "whaler");
  EXPECT_EQ(ship.word->begin, 8u);
  EXPECT_EQ(ship.word->end, 14u);
  EXPECT_FALSE(ship.in_title);
  EXPECT_EQ(Explained(hit, "swim").word_text, "diving");  // 15 is inside of it
  EXPECT_THAT(Highlights(hit), ElementsAre("whaler", "diving"));
}

TEST_F(LearnedEvidenceTest, ATermFromTheTitleSaysSo) {
  Add("Moby-Dick", "Call me Ishmael.", {{"whale", index::kTitlePosition}, {"name", 8}});
  const SearchHit hit = Search({"whale", "name"});
  EXPECT_TRUE(Explained(hit, "whale").in_title);
  EXPECT_FALSE(Explained(hit, "whale").word.has_value());
  EXPECT_EQ(Explained(hit, "name").word_text, "Ishmael");
  EXPECT_THAT(Highlights(hit), ElementsAre("Ishmael"));
}

TEST_F(LearnedEvidenceTest, ATermWithoutAPositionHasNeitherWordNorTitle) {
  Add("Moby-Dick", "Call me Ishmael.", {{"whale", index::kNoPosition}});
  const TermContribution whale = Explained(Search({"whale"}), "whale");
  EXPECT_GT(whale.stored_weight, 0);
  EXPECT_FALSE(whale.word.has_value());
  EXPECT_FALSE(whale.in_title);
}

TEST_F(LearnedEvidenceTest, ASnippetIsCutAroundWordsThatSpellNoTermOfTheQuery) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "Nothing happens here. ";
  const auto at = static_cast<index::Position>(text.size());
  text += "The surgeon opened the chest. ";
  for (int i = 0; i < 40; ++i) text += "Nothing happens there. ";
  const auto word = [&](const char* w) { return static_cast<index::Position>(text.find(w, at)); };
  Add("", text, {{"doctor", word("surgeon")}, {"heart", word("chest")}});
  const SearchHit hit = Search({"doctor", "heart"}, 60);
  ASSERT_EQ(hit.snippets.size(), 1u);
  EXPECT_THAT(hit.snippets[0].text, HasSubstr("The surgeon opened the chest."));
  EXPECT_THAT(Highlights(hit), ElementsAre("surgeon", "chest"));
}

TEST_F(LearnedEvidenceTest, AFullStopDrawsTheSnippetButIsNotHighlighted) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "Nothing happens here ";
  text += "until noon. ";
  const auto stop = static_cast<index::Position>(text.find('.'));
  for (int i = 0; i < 40; ++i) text += "Nothing happens there ";
  Add("", text, {{"lunch", stop}});
  const SearchHit hit = Search({"lunch"}, 40);
  EXPECT_EQ(Explained(hit, "lunch").word_text, ".");
  ASSERT_EQ(hit.snippets.size(), 1u);
  EXPECT_THAT(hit.snippets[0].text, HasSubstr("noon."));
  EXPECT_THAT(Highlights(hit), IsEmpty());
}

TEST_F(LearnedEvidenceTest, AWordOfSeveralBytesIsShownWhole) {
  Add("", "Un \xc3\xa9t\xc3\xa9 chaud \xe2\x80\x94 enfin.", {{"summer", 3}, {"dash", 15}});
  const SearchHit hit = Search({"summer", "dash"});
  EXPECT_EQ(Explained(hit, "summer").word_text, "\xc3\xa9t\xc3\xa9");
  EXPECT_EQ(Explained(hit, "dash").word_text, "\xe2\x80\x94");
}

}  // namespace
}  // namespace foraker::retrieval
