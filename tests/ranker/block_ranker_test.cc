#include "ranker/block_ranker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "model/cpu/precision.h"
#include "tests/ranker/tiny_ranker.h"
#include "tests/support/temporary_directory.h"

namespace foraker::ranker {
namespace {

using retrieval::RankedDocument;
using retrieval::RankPrecision;
using retrieval::RankRequest;
using retrieval::RankResult;
using retrieval::RankVariant;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

RankRequest Request(std::vector<std::string> texts = {"a whale", "the sea", "an old ship"}) {
  RankRequest request;
  request.query = "what swims?";
  for (std::string& text : texts) {
    request.documents.push_back({.title = "", .text = std::move(text)});
  }
  return request;
}

BlockRankerOptions As(std::vector<RankPrecision> precisions) {
  BlockRankerOptions options;
  options.precisions = std::move(precisions);
  options.threads = 1;
  return options;
}

float SumOf(const RankResult& result) {
  float sum = 0;
  for (const RankedDocument& document : result.documents) sum += document.score;
  return sum;
}

class BlockRankerTest : public ::testing::Test {
 protected:
  BlockRankerTest() { WriteTinyRanker(directory_.path()); }

  void Open(const BlockRankerOptions& options = As({RankPrecision::kF32})) {
    auto opened = BlockRanker::Open(directory_.path(), options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    ranker_ = *std::move(opened);
  }
  RankResult Rank(const RankRequest& request) {
    auto result = ranker_->Rank(request);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : RankResult();
  }
  void ExpectError(const RankRequest& request, absl::StatusCode code, const std::string& message) {
    const absl::Status status = ranker_->Rank(request).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(message));
  }
  void ExpectRefused(const BlockRankerOptions& options, absl::StatusCode code,
                     const std::string& message) {
    const absl::Status status = BlockRanker::Open(directory_.path(), options).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(message));
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<BlockRanker> ranker_;
};

TEST_F(BlockRankerTest, AListComesBackInTheOrderOfItsScores) {
  Open();
  const RankResult result = Rank(Request());
  ASSERT_EQ(result.documents.size(), 3u);
  std::vector<uint32_t> indices;
  for (size_t i = 0; i < 3; ++i) {
    const RankedDocument& document = result.documents[i];
    indices.push_back(document.index);
    EXPECT_LE(document.score, result.documents[i > 0 ? i - 1 : 0].score);
    EXPECT_EQ(document.windows, 1u);
    EXPECT_EQ(document.tokens_dropped, 0u);
    EXPECT_GT(document.tokens_read, Request().documents[document.index].text.size());
  }
  EXPECT_THAT(indices, ::testing::UnorderedElementsAre(0u, 1u, 2u));
  EXPECT_NEAR(SumOf(result), 1.0f, 1e-5f);  // shares of the documents' attention
  EXPECT_EQ(result.variant, RankVariant::kTwoTokens);
  EXPECT_EQ(result.precision, RankPrecision::kF32);
  EXPECT_EQ(result.model, std::filesystem::path(directory_.path()).filename().string());
  EXPECT_GE(result.timing.total, result.timing.tokenize + result.timing.compute);
  const SchedulerStats stats = ranker_->Stats();
  EXPECT_EQ(stats.lists, 1u);
  EXPECT_EQ(stats.tokens, result.tokens);
  EXPECT_GT(ranker_->RetryAfter(), absl::ZeroDuration());
}

TEST_F(BlockRankerTest, TheModelIsDescribed) {
  Open();
  EXPECT_EQ(ranker_->rank_config().layer, 2u);
  EXPECT_EQ(ranker_->decoder_config().layers, 4u);
  EXPECT_THAT(ranker_->precisions(), ElementsAre(RankPrecision::kF32));
  // Two layers and queries and keys of a third, not the fourth.
  EXPECT_GT(ranker_->weight_bytes(), 0u);
  EXPECT_EQ(ranker_->model(), std::filesystem::path(directory_.path()).filename().string());
}

TEST_F(BlockRankerTest, OnlyTheFirstAreReturnedWhereFewerAreWanted) {
  Open();
  const RankResult all = Rank(Request());
  RankRequest request = Request();
  request.options.top_n = 2;
  const RankResult two = Rank(request);
  ASSERT_EQ(two.documents.size(), 2u);
  EXPECT_EQ(two.documents[1].index, all.documents[1].index);
  EXPECT_EQ(two.documents[1].score, all.documents[1].score);
  request.options.top_n = 7;
  EXPECT_EQ(Rank(request).documents.size(), 3u);
}

TEST_F(BlockRankerTest, EveryVariantIsItsOwnShareOfAttention) {
  Open();
  RankRequest request = Request();
  const auto sum = [&](RankVariant variant) {
    request.options.variant = variant;
    const RankResult result = Rank(request);
    EXPECT_EQ(result.variant, variant);
    return SumOf(result);
  };
  EXPECT_NEAR(sum(RankVariant::kPaper), 2.0f, 1e-5f);
  EXPECT_NEAR(sum(RankVariant::kLastToken), 1.0f, 1e-5f);
  EXPECT_NEAR(sum(RankVariant::kTwoTokens), 1.0f, 1e-5f);
  const float of_all_keys = sum(RankVariant::kAllKeys);
  EXPECT_LT(of_all_keys, 0.99f);
  EXPECT_GT(of_all_keys, 0.0f);
}

TEST_F(BlockRankerTest, ALongDocumentLosesItsEndOrIsReadInWindows) {
  Open();
  RankRequest request = Request({"a whale", std::string(40, 'x') + " " + std::string(300, 'y')});
  request.options.max_document_tokens = 100;
  const auto of_long = [](const RankResult& result) {
    return result.documents[0].index == 1 ? result.documents[0] : result.documents[1];
  };
  const RankedDocument cut = of_long(Rank(request));
  EXPECT_EQ(cut.tokens_read, 100u);
  EXPECT_GT(cut.tokens_dropped, 200u);
  EXPECT_EQ(cut.windows, 1u);
  request.options.windows = true;
  const RankResult windowed = Rank(request);
  const RankedDocument whole = of_long(windowed);
  EXPECT_EQ(whole.tokens_dropped, 0u);
  EXPECT_GT(whole.windows, 3u);
  EXPECT_LE(whole.tokens_read, 100u * whole.windows);
  EXPECT_GT(whole.tokens_read, 341u);
  // The best window, not their sum.
  EXPECT_LT(SumOf(windowed), 0.999f);
}

TEST_F(BlockRankerTest, AListHasTheSameBitsWhateverSharesItsPass) {
  Open();
  std::vector<RankRequest> requests;
  std::vector<RankResult> alone;
  for (int i = 0; i < 6; ++i) {
    std::vector<std::string> texts;
    for (int d = 0; d <= i; ++d) texts.push_back(absl::StrCat("document ", d, " of list ", i));
    requests.push_back(Request(std::move(texts)));
    alone.push_back(Rank(requests.back()));
  }
  std::vector<std::thread> threads;
  for (size_t i = 0; i < requests.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 3; ++round) {
        const RankResult shared = Rank(requests[i]);
        ASSERT_EQ(shared.documents.size(), alone[i].documents.size());
        for (size_t d = 0; d < shared.documents.size(); ++d) {
          EXPECT_EQ(shared.documents[d].index, alone[i].documents[d].index);
          EXPECT_EQ(shared.documents[d].score, alone[i].documents[d].score);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(BlockRankerTest, APrecisionIsChosenAmongThoseThatAreLoaded) {
  Open(As({RankPrecision::kBf16, RankPrecision::kF32}));
  EXPECT_EQ(Rank(Request()).precision, RankPrecision::kBf16);
  RankRequest request = Request();
  request.options.precision = RankPrecision::kF32;
  const RankResult exact = Rank(request);
  EXPECT_EQ(exact.precision, RankPrecision::kF32);
  EXPECT_NE(exact.documents[0].score, Rank(Request()).documents[0].score);
  request.options.precision = RankPrecision::kInt8;
  ExpectError(request, absl::StatusCode::kFailedPrecondition, "precision: int8 is not loaded");
  ExpectError(request, absl::StatusCode::kFailedPrecondition, "as bf16, f32");
  EXPECT_EQ(ranker_->Stats().lists, 3u);
}

TEST_F(BlockRankerTest, TheDefaultIsTheFastestThatTheProcessorHas) {
  Open(As({}));
  const bool int8 = model::Supports(model::Precision::kInt8);
  EXPECT_EQ(Rank(Request()).precision, int8 ? RankPrecision::kInt8 : RankPrecision::kF32);
}

TEST_F(BlockRankerTest, TokensOfADocumentHaveBounds) {
  Open();
  RankRequest request = Request();
  request.options.max_document_tokens = 5;
  ExpectError(request, absl::StatusCode::kInvalidArgument, "max_document_tokens: expected");
  request.options.max_document_tokens = 2'001;
  ExpectError(request, absl::StatusCode::kInvalidArgument, "the model's positions; got 2001");
  request.options.max_document_tokens = 2'000;
  EXPECT_EQ(Rank(request).documents.size(), 3u);
}

TEST_F(BlockRankerTest, WhatCannotBeRankedIsRefusedByName) {
  Open();
  ExpectError(Request({}), absl::StatusCode::kInvalidArgument, "documents: none given");
  ExpectError(Request({"a", ""}), absl::StatusCode::kInvalidArgument, "documents[1]: empty");
  ExpectError(Request({"a", "b", "\xff"}), absl::StatusCode::kInvalidArgument,
              "documents[2].text: expected UTF-8");
  RankRequest request = Request();
  request.query = std::string(3'000, 'q');
  ExpectError(request, absl::StatusCode::kInvalidArgument, "query: the instruction");
  request = Request({"a", std::string(1'900, 'd')});
  request.options.max_document_tokens = 2'000;
  ExpectError(request, absl::StatusCode::kInvalidArgument, "documents[1]: a block of it");
  EXPECT_EQ(ranker_->Stats().passes, 0u);
}

TEST_F(BlockRankerTest, TooManyWindowsAreRefused) {
  BlockRankerOptions options = As({RankPrecision::kF32});
  options.limits.windows = 5;
  Open(options);
  RankRequest request = Request({std::string(3'000, 'x')});
  request.options.windows = true;
  ExpectError(request, absl::StatusCode::kInvalidArgument, "windows: the documents make more than");
}

TEST_F(BlockRankerTest, DeadlineAndCancellationReachTheScheduler) {
  Open();
  RankRequest request = Request();
  request.options.deadline = absl::InfinitePast();
  ExpectError(request, absl::StatusCode::kDeadlineExceeded, "deadline");
  request = Request();
  request.options.cancelled = [] { return true; };
  ExpectError(request, absl::StatusCode::kCancelled, "gone");
}

TEST_F(BlockRankerTest, ADirectoryThatIsNoRerankerIsRefused) {
  const auto refused = [this](absl::StatusCode code, const std::string& message) {
    ExpectRefused(As({RankPrecision::kF32}), code, message);
  };
  directory_.Write("blockrank.json", TinyRankJson("\"variant\": \"best\""));
  refused(absl::StatusCode::kInvalidArgument, "variant");
  directory_.Write("blockrank.json", R"({"template": "plain", "signal_tokens": [":", "["]})");
  refused(absl::StatusCode::kInvalidArgument, "signal_tokens");
  directory_.Write("blockrank.json",
                   R"({"template": "plain", "signal_tokens": [], "max_document_tokens": 12})");
  refused(absl::StatusCode::kInvalidArgument, "max_document_tokens");
  directory_.Write("blockrank.json", TinyRankJson());
  std::filesystem::rename(directory_.File("model.safetensors"), directory_.File("away"));
  refused(absl::StatusCode::kNotFound, "model.safetensors");
  std::filesystem::rename(directory_.File("away"), directory_.File("model.safetensors"));
  std::filesystem::remove(directory_.File("tokenizer.json"));
  refused(absl::StatusCode::kNotFound, "tokenizer");
  std::filesystem::remove(directory_.File("config.json"));
  refused(absl::StatusCode::kNotFound, "config.json");
}

TEST_F(BlockRankerTest, APrecisionThatIsNamedTwiceIsRefused) {
  ExpectRefused(As({RankPrecision::kF32, RankPrecision::kF32}), absl::StatusCode::kInvalidArgument,
                "precisions: f32 is named twice");
}

}  // namespace
}  // namespace foraker::ranker
