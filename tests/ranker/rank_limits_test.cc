#include "ranker/rank_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/string_view.h"

namespace foraker::ranker {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

retrieval::RankRequest Request(size_t documents = 3) {
  retrieval::RankRequest request;
  request.query = "which?";
  request.documents.assign(documents, {.title = "", .text = "this"});
  return request;
}

std::string RefusalOf(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(base::ToStd(status.message()));
}
std::string RefusalOf(const retrieval::RankRequest& request, RankLimits limits = {}) {
  return RefusalOf(CheckLimits(request, limits));
}

TEST(RankLimitsTest, WhatLiesWithinThemPasses) {
  EXPECT_TRUE(CheckLimits(Request(1), {}).ok());
  EXPECT_TRUE(CheckLimits(Request(500), {}).ok());
  retrieval::RankRequest request = Request();
  request.documents[0] = {.title = "A title alone", .text = ""};
  request.query = "Wörter 語 \xF0\x9F\x8C\x8A";
  request.documents[1].text = std::string("a zero \0 byte", 13);
  EXPECT_TRUE(CheckLimits(request, {}).ok());
}

TEST(RankLimitsTest, AnErrorNamesTheField) {
  retrieval::RankRequest request = Request();
  request.query = "";
  EXPECT_THAT(RefusalOf(request), StartsWith("query: must be given"));
  request.query = " \n\t";
  EXPECT_THAT(RefusalOf(request), StartsWith("query: must be given"));
  request.query = std::string((16 << 10) + 1, 'x');
  EXPECT_EQ(RefusalOf(request), "query: 16385 bytes long, at most 16384 allowed");
  EXPECT_EQ(RefusalOf(Request(0)), "documents: none given, expected 1 to 500");
  EXPECT_EQ(RefusalOf(Request(501)), "documents: 501 given, at most 500 allowed");
  request = Request();
  request.documents[2] = {.title = " ", .text = "\n"};
  EXPECT_THAT(RefusalOf(request), StartsWith("documents[2]: empty"));
  request = Request();
  request.documents[1] = {.title = std::string(1 << 19, 'x'),
                          .text = std::string((1 << 19) + 1, 'x')};
  EXPECT_EQ(RefusalOf(request), "documents[1]: 1048577 bytes long, at most 1048576 allowed");
  request = Request(40);
  for (auto& document : request.documents) document.text = std::string(1 << 19, 'x');
  EXPECT_EQ(RefusalOf(request),
            "documents: together with the query: 20971526 bytes long, at most 16777216 allowed");
}

TEST(RankLimitsTest, WhatIsNotUtf8IsRefusedWithItsPlace) {
  for (const std::string bad :
       {"\xff", "\xc3", "\xe4\xb8", "\xed\xa0\x80", "\xc0\xaf", "\x80", "\xf5\x80\x80\x80"}) {
    retrieval::RankRequest request = Request();
    request.query = "ab" + bad;
    EXPECT_THAT(RefusalOf(request), StartsWith("query: expected UTF-8, but byte 2"));
    request = Request();
    request.documents[2].text = "abc" + bad + "d";
    EXPECT_THAT(RefusalOf(request), StartsWith("documents[2].text: expected UTF-8, but byte 3"));
    request.documents[1].title = bad;
    EXPECT_THAT(RefusalOf(request), StartsWith("documents[1].title: expected UTF-8, but byte 0"));
  }
}

// An instruction of 10 tokens, documents of these, a question of 5.
BuiltPrompt Built(const std::vector<uint32_t>& documents, uint32_t query_offset = 100) {
  BuiltPrompt built;
  built.prompt.query_offset = query_offset;
  uint32_t end = 10;
  built.prompt.block_ends = {end};
  for (uint32_t i = 0; i < documents.size(); ++i) {
    built.prompt.block_ends.push_back(end += documents[i]);
    built.parts.push_back({.document = i, .tokens = documents[i]});
  }
  built.prompt.block_ends.push_back(end + 5);
  built.prompt.ids.resize(end + 5);
  return built;
}

TEST(RankLimitsTest, APromptThatTheModelHasNoPositionsForIsRefusedByName) {
  DecoderConfig model;
  model.max_positions = 105;
  EXPECT_TRUE(CheckPrompt(Built({95, 3}), model, {}).ok());
  EXPECT_THAT(RefusalOf(CheckPrompt(Built({3, 96}), model, {})),
              HasSubstr("documents[1]: a block of it takes 96 tokens from position 10 on, but the "
                        "model has 105 positions"));
  EXPECT_THAT(RefusalOf(CheckPrompt(Built({3}, 101), model, {})),
              StartsWith("query: the question that ends the prompt takes 5 tokens from position "
                         "101 on"));
  model.max_positions = 9;
  EXPECT_THAT(RefusalOf(CheckPrompt(Built({3}), model, {})),
              StartsWith("query: the instruction that holds it takes 10 tokens"));
}

TEST(RankLimitsTest, TooManyWindowsAreRefused) {
  DecoderConfig model;
  model.max_positions = 1'000;
  EXPECT_TRUE(CheckPrompt(Built({1, 1, 1}), model, {.windows = 3}).ok());
  EXPECT_THAT(RefusalOf(CheckPrompt(Built({1, 1, 1, 1}), model, {.windows = 3})),
              StartsWith("windows: the documents make more than 3"));
}

TEST(RankLimitsTest, TooManyTokensAreRefused) {
  DecoderConfig model;
  model.max_positions = 1'000;
  EXPECT_TRUE(CheckPrompt(Built({100, 100}), model, {.tokens = 215}).ok());
  EXPECT_THAT(RefusalOf(CheckPrompt(Built({100, 101}), model, {.tokens = 215})),
              StartsWith("documents: the prompt takes 216 tokens, at most 215 allowed"));
}

}  // namespace
}  // namespace foraker::ranker
