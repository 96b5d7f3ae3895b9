#include "agent/reranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/agent/fake_backend.h"

namespace foraker::agent {
namespace {

using ::testing::ElementsAre;

// Answers with a list that a test gives.
class Orders : public FakeBackend {
 public:
  absl::StatusOr<retrieval::RankResult> Rank(const RankCall& call) override {
    ranks.push_back(call);
    retrieval::RankResult result;
    for (const uint32_t index : order) result.documents.push_back({.index = index, .score = .5f});
    return result;
  }
  std::vector<uint32_t> order;
};

class RerankTest : public ::testing::Test {
 protected:
  RerankTest() { backend_.pinned = true; }

  absl::Status Reorder(std::vector<uint32_t> order) {
    backend_.order = std::move(order);
    Meter meter({}, backend_.now);
    Session session(backend_, meter, {});
    return Rerank("query", session, passages_);
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const Passage& passage : passages_) ids.push_back(passage.document_id);
    return ids;
  }

  Orders backend_;
  std::vector<Passage> passages_ = {MakePassage("a", "A", "x"), MakePassage("b", " ", "\n"),
                                    MakePassage("c", "C", "y")};
};

TEST_F(RerankTest, PassagesWithoutTextAreNotGivenAndComeLast) {
  ASSERT_TRUE(Reorder({1, 0}).ok());
  EXPECT_EQ(backend_.ranks.at(0).documents.size(), 2u);
  EXPECT_EQ(backend_.ranks.at(0).documents.at(1).text, "y");
  EXPECT_THAT(Ids(), ElementsAre("c", "a", "b"));
  EXPECT_EQ(passages_[0].rank_score, .5f);
  EXPECT_FALSE(passages_[2].rank_score.has_value());
}

TEST_F(RerankTest, AReplyThatIsNoOrderIsAnErrorAndChangesNothing) {
  for (const std::vector<uint32_t>& order :
       std::vector<std::vector<uint32_t>>{{0}, {0, 0}, {0, 2}, {0, 1, 1}, {}}) {
    const absl::Status status = Reorder(order);
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << testing::PrintToString(order);
    EXPECT_THAT(Ids(), ElementsAre("a", "b", "c"));
    EXPECT_FALSE(passages_[0].rank_score.has_value());
  }
}

TEST_F(RerankTest, NothingIsAskedWhereThereIsNothingToRead) {
  passages_ = {MakePassage("a", "", "")};
  ASSERT_TRUE(Reorder({}).ok());
  EXPECT_TRUE(backend_.ranks.empty());
}

TEST_F(RerankTest, TheModelGetsTheBeginningOfAVeryLongPassageCutBetweenCharacters) {
  std::string text = "x";
  while (text.size() < 30'000) text += "\xc3\xa9";  // é, at odd places
  passages_[0].text = text;
  ASSERT_TRUE(Reorder({0, 1}).ok());
  const std::string& given = backend_.ranks.at(0).documents.at(0).text;
  EXPECT_EQ(given, text.substr(0, (24 << 10) - 1));
  EXPECT_EQ(passages_[0].text, text);
}

}  // namespace
}  // namespace foraker::agent
