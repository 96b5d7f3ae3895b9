#include "retrieval/query_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/float16.h"
#include "base/string_view.h"
#include "tests/retrieval/fake_encoder.h"
#include "tests/retrieval/memory_collection.h"

namespace foraker::retrieval {
namespace {

using index::TermNamespace;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

index::TermKey Stem(std::string_view stem) {
  return index::HashedTermKey(TermNamespace::kStem, stem);
}
index::TermKey Title(std::string_view title) {
  return index::HashedTermKey(TermNamespace::kTitle, title);
}

class QueryBuilderTest : public ::testing::Test {
 protected:
  QueryBuilderTest()
      : idf_(std::make_shared<MemoryStatistics>(
                 std::unordered_map<index::TermKey, uint64_t>{{Stem("cat"), 20},
                                                              {Stem("dog"), 2},
                                                              {Stem("new"), 300},
                                                              {Stem("york"), 4},
                                                              {Title("new york"), 1},
                                                              {Title("dog"), 1}},
                 1000),
             {}) {
    Make({});
  }

  void Make(const CollectionSettings& settings) {
    auto builder = QueryBuilder::Create(settings);
    ASSERT_TRUE(builder.ok()) << builder.status();
    builder_ = std::move(*builder);
  }

  double Idf(index::TermKey key) const { return idf_.Get(key)->idf; }

  // Every query must be one that the index takes.
  BuiltQuery Check(absl::StatusOr<BuiltQuery> built) {
    EXPECT_TRUE(built.ok()) << built.status();
    EXPECT_TRUE(index::Validate(built->vector).ok());
    EXPECT_EQ(built->vector.size(), built->terms.size());
    for (size_t i = 0; i < built->vector.size(); ++i) {
      EXPECT_EQ(built->vector[i].key, built->terms[i].key);
      EXPECT_EQ(built->vector[i].weight, built->terms[i].weight);
    }
    return *std::move(built);
  }

  static std::map<std::string, float> Weights(const BuiltQuery& query) {
    std::map<std::string, float> weights;
    for (const BuiltTerm& term : query.terms) {
      weights[std::string(TermKindName(index::NamespaceOf(term.key))) + ":" + term.text] =
          term.weight;
    }
    return weights;
  }

  IdfTable idf_;
  std::unique_ptr<QueryBuilder> builder_;
};

TEST_F(QueryBuilderTest, ATextIsTheSetOfItsStemsWeightedByIdf) {
  const BuiltQuery query = Check(builder_->FromText({"The cats, a cat and DOGS", {}, {}}, idf_));
  EXPECT_EQ(Weights(query),
            (std::map<std::string, float>{{"stem:cat", static_cast<float>(Idf(Stem("cat")))},
                                          {"stem:dog", static_cast<float>(Idf(Stem("dog")))}}));
  for (const BuiltTerm& term : query.terms) {
    if (term.text != "cat") continue;
    EXPECT_EQ(term.range->begin, 4u);
    EXPECT_EQ(term.range->end, 8u);
    EXPECT_EQ(term.document_frequency, 20u);
  }
}

TEST_F(QueryBuilderTest, TermsThatNoPassageHoldsAreReportedNotSearched) {
  const BuiltQuery query = Check(builder_->FromText({"cat unicorn", {}, {}}, idf_));
  EXPECT_EQ(query.terms.size(), 1u);
  ASSERT_EQ(query.unknown.size(), 1u);
  EXPECT_EQ(query.unknown[0].text, "unicorn");
}

TEST_F(QueryBuilderTest, BeforeAnythingIsPublishedNoTermIsUnknown) {
  const IdfTable none(nullptr, {});
  EXPECT_EQ(Check(builder_->FromText({"cat unicorn", {}, {}}, none)).terms.size(), 2u);
}

TEST_F(QueryBuilderTest, OptionsOfACallOverrideTheSettings) {
  CollectionSettings settings;
  settings.query.stem_weight = 2;
  Make(settings);
  const auto once = static_cast<float>(Idf(Stem("cat")));
  EXPECT_FLOAT_EQ(Weights(Check(builder_->FromText({"cat", {}, {}}, idf_)))["stem:cat"], 2 * once);
  EXPECT_FLOAT_EQ(Weights(Check(builder_->FromText({"cat", 0.5f, {}}, idf_)))["stem:cat"],
                  once / 2);
  EXPECT_TRUE(Check(builder_->FromText({"cat", 0.0f, {}}, idf_)).terms.empty());
}

TEST_F(QueryBuilderTest, TitlesSpeakOnlyWhenTheyAreGivenAWeight) {
  EXPECT_EQ(Check(builder_->FromText({"in New York", {}, {}}, idf_)).terms.size(), 2u);
  const BuiltQuery query = Check(builder_->FromText({"in New York", {}, 0.5f}, idf_));
  EXPECT_FLOAT_EQ(Weights(query)["title:new york"],
                  static_cast<float>(0.5 * (Idf(Stem("new")) + Idf(Stem("york")))));
}

TEST_F(QueryBuilderTest, ATitleOfOneRareWordIsMentionedInLowerCase) {
  EXPECT_EQ(Weights(Check(builder_->FromText({"dog", {}, 1.0f}, idf_))).count("title:dog"), 1u);
}

TEST_F(QueryBuilderTest, NamedTermsKeepTheirWeightsAndEqualOnesAddUp) {
  using Kind = NamedTerm::Kind;
  const SparseQuery sparse{{{Kind::kStem, "cat", 1.5f},
                            {Kind::kTitle, "New York (city)", 2.0f},
                            {Kind::kStem, "cat", 1.0f},
                            {Kind::kImported, "cat", 1.0f}}};
  const BuiltQuery query = Check(builder_->FromTerms(sparse, idf_));
  EXPECT_EQ(Weights(query),
            (std::map<std::string, float>{{"stem:cat", 2.5f}, {"title:new york", 2.0f}}));
  ASSERT_EQ(query.unknown.size(), 1u);
  EXPECT_EQ(TermKindName(index::NamespaceOf(query.unknown[0].key)), "imported");
}

TEST_F(QueryBuilderTest, BadTermsAreNamed) {
  using Kind = NamedTerm::Kind;
  const std::vector<NamedTerm> bad = {{Kind::kToken, "##ing", 1.0f},
                                      {Kind::kStem, "cat", 0.0f},
                                      {Kind::kStem, "cat", -1.0f},
                                      {Kind::kStem, "cat", INFINITY}};
  for (const NamedTerm& term : bad) {
    const auto built = builder_->FromTerms({{term}}, idf_);
    EXPECT_EQ(built.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(built.status().message()), HasSubstr(term.text));
  }
}

TEST_F(QueryBuilderTest, MoreLikeThisTakesTheHeaviestTermsOfADocument) {
  std::vector<index::SparseVector> passages(2);
  for (uint64_t i = 0; i < 100; ++i) {
    passages[i % 2].keys.push_back(index::NumberedTermKey(TermNamespace::kStem, i));
    passages[i % 2].weights.push_back(base::FloatToFloat16(1.0f + static_cast<float>(i) / 64));
  }
  passages[1].keys.push_back(Title("dog"));
  passages[1].weights.push_back(base::FloatToFloat16(1000));
  const IdfTable none(nullptr, {});
  const BuiltQuery query = Check(builder_->FromDocument(
      passages, [](index::TermKey) { return "name"; }, none));
  ASSERT_EQ(query.terms.size(), 32u);
  EXPECT_EQ(query.vector.front().key, index::NumberedTermKey(TermNamespace::kStem, 68));
  EXPECT_EQ(query.vector.back().key, index::NumberedTermKey(TermNamespace::kStem, 99));
  EXPECT_EQ(query.terms[0].text, "name");
}

TEST_F(QueryBuilderTest, AnalysisListsEveryWordInOrderAndThenTheTitles) {
  const auto terms = builder_->Analyze("the cats of New York, cats", idf_);
  ASSERT_TRUE(terms.ok()) << terms.status();
  std::vector<std::string> listed;
  for (const AnalyzedTerm& term : *terms) listed.push_back(term.kind + ":" + term.term);
  EXPECT_THAT(listed,
              ElementsAre("stem:cat", "stem:new", "stem:york", "stem:cat", "title:new york"));
  EXPECT_EQ(terms->at(4).range.begin, 12u);
  EXPECT_EQ(terms->at(4).range.end, 20u);
  EXPECT_EQ(terms->at(0).document_frequency, 20u);
  const BuiltQuery query = Check(builder_->FromText(
      {.text = "the cats of New York, cats", .stem_weight = {}, .title_weight = {}}, idf_));
  for (const BuiltTerm& term : query.terms) {
    const auto analyzed = std::find_if(terms->begin(), terms->end(), [&](const AnalyzedTerm& each) {
      return each.term == term.text;
    });
    ASSERT_NE(analyzed, terms->end()) << term.text;
    EXPECT_EQ(analyzed->weight, term.weight) << term.text;
  }
}

TEST_F(QueryBuilderTest, CollectionsOfImportedVectorsTakeNoText) {
  CollectionSettings settings;
  settings.document.encoder = "vectors";
  Make(settings);
  EXPECT_THAT(std::string(builder_->FromText({"cat", {}, {}}, idf_).status().message()),
              HasSubstr("expected a sparse vector"));
  EXPECT_TRUE(builder_->FromTerms({{{NamedTerm::Kind::kImported, "cat", 1.0f}}}, idf_).ok());
}

TEST_F(QueryBuilderTest, AnEmptyTextIsAnEmptyQuery) {
  EXPECT_TRUE(Check(builder_->FromText({"", {}, 1.0f}, idf_)).vector.empty());
  EXPECT_TRUE(Check(builder_->FromText({"the of", {}, {}}, idf_)).vector.empty());
}

TEST_F(QueryBuilderTest, OneBuilderServesManyThreads) {
  const BuiltQuery expected = Check(builder_->FromText({"cats of New York", {}, 1.0f}, idf_));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const auto built = builder_->FromText({"cats of New York", {}, 1.0f}, idf_);
        ASSERT_TRUE(built.ok());
        ASSERT_EQ(built->vector, expected.vector);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// A collection with an encoder: half of the tokens are in its texts.
class LearnedQueryTest : public QueryBuilderTest {
 protected:
  enum Id : uint32_t { kThe = 4, kCat, kWalk, kIng, kLion, kDot };

  LearnedQueryTest() {
    settings_.document.encoder = "models/some";
    settings_.query.stem_weight = 1.5f;
    statistics_ = std::make_shared<MemoryStatistics>(
        std::unordered_map<index::TermKey, uint64_t>{
            {Token(kThe), 900}, {Token(kCat), 20}, {Stem("cat"), 18}, {Stem("walk"), 7}},
        1000);
    MakeLearned();
  }

  void MakeLearned() {
    const auto table = std::make_shared<FakeTable>(FakeTable::Weights{{"the", 0.2f},
                                                                      {"cat", 4.5f},
                                                                      {"walk", 3.5f},
                                                                      {"##ing", 1.5f},
                                                                      {"lion", 6.0f},
                                                                      {".", -0.5f}});
    idf_ = IdfTable(statistics_, settings_, table);
    auto builder = QueryBuilder::Create(
        settings_, std::make_shared<QueryEncoder>(table, [this] { return LoadModel(); }));
    ASSERT_TRUE(builder.ok()) << builder.status();
    builder_ = std::move(*builder);
  }

  absl::StatusOr<std::shared_ptr<const model::SparseEncoder>> LoadModel() {
    ++loads_;
    if (model_ == nullptr) return absl::NotFoundError("models/some/config.json: no such file");
    return model_;
  }

  static index::TermKey Token(uint64_t id) {
    return index::NumberedTermKey(TermNamespace::kWordPiece, id);
  }

  CollectionSettings settings_;
  std::shared_ptr<const MemoryStatistics> statistics_;
  std::shared_ptr<const model::SparseEncoder> model_ = std::make_shared<FakeModel>(6);
  int loads_ = 0;
};

TEST_F(LearnedQueryTest, ATextIsTheSetOfItsTokensAndItsStems) {
  const BuiltQuery query =
      Check(builder_->FromText({"The cat, the [cat] walking zzz", {}, {}}, idf_));
  const auto stem = [&](std::string_view name) {
    return static_cast<float>(Idf(Stem(name)) * 1.5f);
  };
  const auto token = [&](Id id) { return static_cast<float>(Idf(Token(id))); };
  EXPECT_EQ(Weights(query), (std::map<std::string, float>{{"token:the", token(kThe)},
                                                          {"token:cat", token(kCat)},
                                                          {"token:walk", token(kWalk)},
                                                          {"token:##ing", token(kIng)},
                                                          {"stem:cat", stem("cat")},
                                                          {"stem:walk", stem("walk")}}));
  ASSERT_EQ(query.unknown.size(), 1u);
  EXPECT_EQ(query.unknown[0].text, "zzz");
  EXPECT_EQ(query.terms[1].range->begin, 4u);
  EXPECT_EQ(query.terms[1].range->end, 7u);
  EXPECT_EQ(loads_, 0);
}

TEST_F(LearnedQueryTest, ATokenThatStandsInNoTextIsSearchedAllTheSame) {
  const BuiltQuery query = Check(builder_->FromText({"lion", 0.0f, {}}, idf_));
  ASSERT_EQ(query.terms.size(), 1u);
  EXPECT_EQ(query.terms[0].document_frequency, 0u);
  EXPECT_GT(query.terms[0].weight, 0);
}

TEST_F(LearnedQueryTest, WithTheEncodersTableTheWeightsAreItsPositiveOnes) {
  settings_.query.idf_source = IdfSource::kEncoder;
  settings_.document.stems = false;
  MakeLearned();
  EXPECT_EQ(Weights(Check(builder_->FromText({"The cat.", {}, {}}, idf_))),
            (std::map<std::string, float>{{"token:the", 0.2f}, {"token:cat", 4.5f}}));
}

TEST_F(LearnedQueryTest, TheEncoderGivesItsOwnTermsAndWeightsOnRequest) {
  TextQuery text{"cat walking", {}, {}};
  text.encoding = QueryEncoding::kEncoder;
  const BuiltQuery query = Check(builder_->FromText(text, idf_));
  EXPECT_EQ(Weights(query), (std::map<std::string, float>{
                                {"token:cat", 1.0f},
                                {"token:walk", 1.0f},
                                {"token:##ing", 1.0f},
                                {"token:lion", 0.5f},
                                {"stem:cat", static_cast<float>(Idf(Stem("cat")) * 1.5f)},
                                {"stem:walk", static_cast<float>(Idf(Stem("walk")) * 1.5f)}}));
  for (const BuiltTerm& term : query.terms) {
    if (term.text != "lion") continue;
    EXPECT_EQ(term.range->begin, 8u);  // from "##ing"
    EXPECT_EQ(term.range->end, 11u);
  }
  EXPECT_EQ(query.tokens_dropped, 0u);
}

TEST_F(LearnedQueryTest, TheEncoderIsLoadedOnceAndByTheSettingToo) {
  settings_.query.query_encoding = QueryEncoding::kEncoder;
  MakeLearned();
  Check(builder_->FromText({"cat", {}, {}}, idf_));
  const auto twice = Weights(Check(builder_->FromText({"cat", 0.0f, {}}, idf_)));
  EXPECT_EQ(twice, (std::map<std::string, float>{{"token:cat", 1.0f}, {"token:walk", 0.5f}}));
  EXPECT_EQ(loads_, 1);
  TextQuery by_table{"lion", 0.0f, {}};
  by_table.encoding = QueryEncoding::kTable;
  EXPECT_EQ(Check(builder_->FromText(by_table, idf_)).terms[0].weight,
            static_cast<float>(Idf(Token(kLion))));
}

TEST_F(LearnedQueryTest, WhatTheModelCannotReadIsCounted) {
  TextQuery text{"cat cat cat cat lion lion lion", {}, {}};
  text.encoding = QueryEncoding::kEncoder;
  const BuiltQuery query = Check(builder_->FromText(text, idf_));
  EXPECT_EQ(query.tokens_dropped, 3u);  // six tokens, of which [CLS] and [SEP] take two
  EXPECT_EQ(Weights(query).count("token:lion"), 0u);
}

TEST_F(LearnedQueryTest, AMissingModelIsAPreconditionThatNamesItsDirectory) {
  model_ = nullptr;
  TextQuery text{"cat", {}, {}};
  EXPECT_TRUE(builder_->FromText(text, idf_).ok());
  text.encoding = QueryEncoding::kEncoder;
  const absl::Status status = builder_->FromText(text, idf_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr("models/some/config.json"));
}

TEST_F(LearnedQueryTest, TokensAreNamedAsTheVocabularyHasThem) {
  using Kind = NamedTerm::Kind;
  EXPECT_EQ(Weights(Check(builder_->FromTerms(
                {{{Kind::kToken, "##ing", 1.5f}, {Kind::kToken, "lion", 2.0f}}}, idf_))),
            (std::map<std::string, float>{{"token:##ing", 1.5f}, {"token:lion", 2.0f}}));
  const auto unknown = builder_->FromTerms({{{Kind::kToken, "tiger", 1.0f}}}, idf_);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(base::ToStd(unknown.status().message())),
              HasSubstr("\"tiger\": not one of the 10 tokens"));
}

TEST_F(LearnedQueryTest, MoreLikeThisNamesAndWeighsLearnedTokens) {
  index::SparseVector passage;
  for (const index::TermKey key : {Token(kCat), Token(kLion), Stem("cat")}) {
    passage.keys.push_back(key);
    passage.weights.push_back(base::FloatToFloat16(0.5f));
  }
  const BuiltQuery query = Check(builder_->FromDocument(
      {&passage, 1}, [](index::TermKey) { return "cat"; }, idf_));
  EXPECT_EQ(Weights(query), (std::map<std::string, float>{
                                {"token:cat", static_cast<float>(0.5 * Idf(Token(kCat)))},
                                {"token:lion", static_cast<float>(0.5 * Idf(Token(kLion)))},
                                {"stem:cat", static_cast<float>(0.5 * Idf(Stem("cat"))) * 1.5f}}));
}

TEST_F(LearnedQueryTest, AnalysisListsTokensAndStemsInTheOrderOfTheText) {
  const auto terms = builder_->Analyze("the cat walking", idf_);
  ASSERT_TRUE(terms.ok()) << terms.status();
  std::vector<std::string> listed;
  for (const AnalyzedTerm& term : *terms) listed.push_back(term.kind + ":" + term.term);
  EXPECT_THAT(listed, ElementsAre("token:the", "token:cat", "stem:cat", "token:walk", "stem:walk",
                                  "token:##ing"));
  EXPECT_EQ(terms->at(5).range.begin, 12u);
  EXPECT_EQ(terms->at(5).range.end, 15u);
}

TEST_F(QueryBuilderTest, ACollectionWithoutAModelRefusesToEncodeQueries) {
  TextQuery text{"cat", {}, {}};
  text.encoding = QueryEncoding::kEncoder;
  const absl::Status status = builder_->FromText(text, idf_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr("query.encoding"));
  text.encoding = QueryEncoding::kTable;
  EXPECT_TRUE(builder_->FromText(text, idf_).ok());
}

}  // namespace
}  // namespace foraker::retrieval
