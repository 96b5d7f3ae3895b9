#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "base/float16.h"
#include "index/sparse_vector.h"
#include "model/analyzer/analyzer.h"
#include "tests/retrieval/searched_collection.h"

namespace foraker::retrieval {
namespace {

using ::testing::HasSubstr;

float ScoreOf(const std::vector<TermContribution>& terms) {
  index::ScoreAccumulator score;
  for (const TermContribution& term : terms) {
    if (term.stored_weight > 0) {
      score.Add(term.query_weight, base::FloatToFloat16(term.stored_weight));
    }
  }
  return score.score();
}

SearchRequest Ask(std::string text) {
  SearchRequest request;
  request.collection = "books";
  request.query = TextQuery{.text = std::move(text), .stem_weight = {}, .title_weight = {}};
  request.explain = true;
  return request;
}

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    books_.Add({
        TestDocument("moby", "Moby-Dick", "The white whale swims. Whalers hunt the whale.",
                     {{"lang", {"en"}}}),
        TestDocument("jaws", "Jaws", "A white shark swims near the beach.", {{"lang", {"en"}}}),
        TestDocument("emma", "Emma", "A young woman makes matches.", {{"lang", {"en"}}}),
        TestDocument("gone", "Gone", "The whale is gone.", {{"lang", {"en"}}}),
        TestDocument("wal", "Der Wal", "A white whale of another tongue.", {{"lang", {"de"}}}),
    });
    books_.Delete({"gone"});
    searcher_ = books_.Open();
  }

  SearchResult Search(const SearchRequest& request) {
    auto result = searcher_->Search(request);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : SearchResult();
  }
  Explanation Why(SearchRequest request, std::string id) {
    request.explain_ids = {std::move(id)};
    SearchResult result = Search(request);
    EXPECT_EQ(result.explanations.size(), 1u);
    return result.explanations.empty() ? Explanation() : result.explanations[0];
  }

  SearchedCollection books_;
  std::unique_ptr<LocalSearcher> searcher_;
};

TEST_F(ExplainTest, AHitNamesItsTermsWithWeightsAndTheWordsTheyCameFrom) {
  const SearchResult result = Search(Ask("white whales"));
  ASSERT_FALSE(result.hits.empty());
  const SearchHit& hit = result.hits[0];
  ASSERT_TRUE(hit.explanation.has_value());
  ASSERT_EQ(hit.explanation->terms.size(), 2u);
  for (const TermContribution& term : hit.explanation->terms) {
    EXPECT_EQ(term.kind, "stem");
    EXPECT_GT(term.query_weight, 0);
    EXPECT_GT(term.stored_weight, 0);
    EXPECT_GT(term.idf, 0);
    EXPECT_GT(term.document_frequency, 0u);
    ASSERT_TRUE(term.word.has_value());
    EXPECT_EQ(hit.document.text.substr(term.word->begin, term.word->end - term.word->begin),
              term.term == "whale" ? "whale" : "white");
  }
}

TEST_F(ExplainTest, ATermThatThePassageLacksIsNamedWithoutStoredWeight) {
  const Explanation why = Why(Ask("white whale"), "jaws");
  EXPECT_TRUE(why.found);
  ASSERT_EQ(why.terms.size(), 2u);
  for (const TermContribution& term : why.terms) {
    EXPECT_EQ(term.stored_weight > 0, term.term == "white");
    EXPECT_EQ(term.word.has_value(), term.term == "white");
  }
  EXPECT_EQ(std::bit_cast<uint32_t>(ScoreOf(why.terms)), std::bit_cast<uint32_t>(why.score));
}

TEST_F(ExplainTest, AWordOfTheTitleHasNoPlaceInTheText) {
  const Explanation why = Why(Ask("Jaws"), "jaws");
  ASSERT_EQ(why.terms.size(), 1u);
  EXPECT_GT(why.terms[0].stored_weight, 0);
  EXPECT_FALSE(why.terms[0].word.has_value());
  EXPECT_TRUE(why.terms[0].in_title);
}

TEST_F(ExplainTest, ADocumentThatIsNoHitHasAReason) {
  const SearchRequest ask = Ask("white whale");
  EXPECT_EQ(Why(ask, "never-written").reason, "the collection has no document of this id");
  EXPECT_FALSE(Why(ask, "never-written").found);
  EXPECT_EQ(Why(ask, "gone").reason, "the document was deleted");
  EXPECT_EQ(Why(ask, "emma").reason, "it shares no term with the query");
  EXPECT_EQ(Why(ask, "moby").reason, "it is hit 1");

  SearchRequest german = ask;
  german.filter.emplace();
  german.filter->kind = Filter::Kind::kEquals;
  german.filter->field = "lang";
  german.filter->values = {"de"};
  EXPECT_EQ(Why(german, "moby").reason, "the filter does not let it through");
  EXPECT_FALSE(Why(german, "moby").permitted);
  EXPECT_GT(Why(german, "moby").score, 0);

  SearchRequest first = ask;
  first.k = 1;
  EXPECT_THAT(Why(first, "jaws").reason,
              HasSubstr("it ranks behind the last of 1 hits: its score is "));
  first.k = 0;
  EXPECT_EQ(Why(first, "jaws").reason, "no hits were asked for");

  SearchRequest like = ask;
  like.query = DocumentQuery{.document_id = "moby"};
  EXPECT_EQ(Why(like, "moby").reason, "it is the document that the query names, which is left out");
}

TEST_F(ExplainTest, ADocumentOfAnEarlierPageSaysSo) {
  SearchRequest request = Ask("white whale");
  request.k = 1;
  request.want_page_token = true;
  const SearchResult first = Search(request);
  request.page_token = first.next_page_token;
  EXPECT_EQ(Why(request, first.hits[0].document.id).reason, "it is on an earlier page");
}

TEST_F(ExplainTest, ADocumentOfEqualScoreComesBehindByItsId) {
  books_.Add({TestDocument("twin-b", "", "unicorn"), TestDocument("twin-a", "", "unicorn")});
  ASSERT_TRUE(searcher_->Refresh().ok());
  SearchRequest request = Ask("unicorn");
  request.k = 1;
  EXPECT_THAT(Why(request, "twin-b").reason, HasSubstr("comes behind it by its id"));
}

TEST(ExplainPropertyTest, TermsSumToTheScoreBitForBitAndWordsStemToTheirTerms) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::vector<std::string> words = {"whale",
                                          "whales",
                                          "hunting",
                                          "hunter",
                                          "sea",
                                          "the",
                                          "of",
                                          "white",
                                          "harpoon",
                                          "sailors",
                                          "sailing",
                                          "storm",
                                          "island",
                                          "\xc3\xae"
                                          "le"};
  const auto sentence = [&](size_t length) {
    std::string text;
    for (size_t i = 0; i < length; ++i) {
      text += words[random() % words.size()] + (random() % 8 == 0 ? ". " : " ");
    }
    return text;
  };
  SearchedCollection books;
  for (int segment = 0; segment < 2; ++segment) {
    std::vector<index::Document> documents;
    for (int i = 0; i < 60; ++i) {
      documents.push_back(TestDocument(std::to_string(segment) + "-" + std::to_string(i),
                                       sentence(random() % 3), sentence(random() % 120)));
    }
    books.Add(std::move(documents));
  }
  const auto searcher = books.Open();
  const auto analyzer = model::Analyzer::Create(model::AnalyzerOptions());
  ASSERT_TRUE(analyzer.ok());
  const auto session = (*analyzer)->NewSession();
  for (int round = 0; round < 100; ++round) {
    SearchRequest request = Ask(sentence(1 + random() % 6));
    request.collapse = random() % 2 == 0 ? CollapseMode::kDocument : CollapseMode::kNone;
    request.explain_ids = {"0-" + std::to_string(random() % 60)};
    const auto result = searcher->Search(request);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(std::bit_cast<uint32_t>(ScoreOf(result->explanations[0].terms)),
              std::bit_cast<uint32_t>(result->explanations[0].score));
    for (const SearchHit& hit : result->hits) {
      ASSERT_TRUE(hit.explanation.has_value());
      EXPECT_EQ(std::bit_cast<uint32_t>(ScoreOf(hit.explanation->terms)),
                std::bit_cast<uint32_t>(hit.score));
      for (const TermContribution& term : hit.explanation->terms) {
        if (!term.word.has_value()) continue;
        EXPECT_GE(term.word->begin, hit.passage_range.begin);
        EXPECT_LE(term.word->end, hit.passage_range.end);
        const auto& analyzed =
            session->Analyze(std::string_view(hit.document.text)
                                 .substr(term.word->begin, term.word->end - term.word->begin));
        ASSERT_EQ(analyzed.size(), 1u);
        EXPECT_EQ(analyzed[0].stem, term.term);
      }
    }
  }
}

}  // namespace
}  // namespace foraker::retrieval
