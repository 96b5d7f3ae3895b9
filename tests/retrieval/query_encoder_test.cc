#include "retrieval/query_encoder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/retrieval/fake_encoder.h"

namespace foraker::retrieval {
namespace {

std::shared_ptr<const model::QueryTable> Table() {
  return std::make_shared<FakeTable>(FakeTable::Weights{{"cat", 1.0f}, {"dog", 2.0f}});
}

TEST(QueryEncoderTest, TokensHoldTheirPlacesAndLeaveSpecialOnesOut) {
  const QueryEncoder encoder(Table(), nullptr);
  const std::vector<model::Token> tokens = encoder.Tokens("dog zebra cat");
  EXPECT_EQ(tokens, (std::vector<model::Token>{{5, 0, 3}, {4, 10, 13}}));
}

TEST(QueryEncoderTest, ManyThreadsEncodeAtOnceAndLoadTheModelOnce) {
  std::atomic<int> loads{0};
  const QueryEncoder encoder(Table(), [&] {
    ++loads;
    return std::make_shared<const FakeModel>(16);
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const auto encoded = encoder.Encode("cat");
        ASSERT_TRUE(encoded.ok()) << encoded.status();
        ASSERT_EQ(encoded->tokens.size(), 2u);
        ASSERT_EQ(encoded->tokens[0].weight, 1.0f);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads, 1);
}

TEST(QueryEncoderTest, AModelThatComesBackIsLoadedByTheNextQuery) {
  bool there = false;
  const QueryEncoder encoder(Table(),
                             [&]() -> absl::StatusOr<std::shared_ptr<const model::SparseEncoder>> {
                               if (!there)
                                 return absl::NotFoundError("models/gone: no such directory");
                               return std::make_shared<const FakeModel>(16);
                             });
  EXPECT_EQ(encoder.Encode("cat").status().code(), absl::StatusCode::kFailedPrecondition);
  there = true;
  EXPECT_TRUE(encoder.Encode("cat").ok());
}

TEST(QueryEncoderTest, AnEmptyTextHasNoTokens) {
  const QueryEncoder encoder(Table(), [] { return std::make_shared<const FakeModel>(16); });
  const auto encoded = encoder.Encode("");
  ASSERT_TRUE(encoded.ok()) << encoded.status();
  EXPECT_TRUE(encoded->tokens.empty());
  EXPECT_EQ(encoded->tokens_read, 0u);
}

}  // namespace
}  // namespace foraker::retrieval
