#include "agent/check_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace foraker::agent {
namespace {

using ::testing::StartsWith;

AskRequest Plain() {
  AskRequest request;
  request.collection = "books";
  request.question = "Who wrote it?";
  return request;
}

TEST(CheckRequestTest, DefaultsAndTheLargestValuesAreFine) {
  const AgentOptions options;
  AskRequest request = Plain();
  EXPECT_TRUE(CheckRequest(request, options).ok());
  request.question = std::string(16'384, 'q');
  request.budget = {.searches = 32, .passages = 500, .tokens = 1, .time = absl::Minutes(10)};
  request.stop.threshold = 1;
  request.rerank = AgentRerank{.candidates = 500};
  request.passages_per_search = 500;
  EXPECT_TRUE(CheckRequest(request, options).ok()) << CheckRequest(request, options);
}

TEST(CheckRequestTest, WhatIsOutsideItsRangeIsNamed) {
  struct Case {
    std::string field;
    std::function<void(AskRequest&)> change;
  };
  const std::vector<Case> cases = {
      {"question", [](AskRequest& r) { r.question = " \n\t"; }},
      {"question", [](AskRequest& r) { r.question = std::string(16'385, 'q'); }},
      {"budget.searches", [](AskRequest& r) { r.budget.searches = 0; }},
      {"budget.searches", [](AskRequest& r) { r.budget.searches = 33; }},
      {"budget.passages", [](AskRequest& r) { r.budget.passages = 0; }},
      {"budget.passages", [](AskRequest& r) { r.budget.passages = 501; }},
      {"budget.time", [](AskRequest& r) { r.budget.time = absl::ZeroDuration(); }},
      {"budget.time", [](AskRequest& r) { r.budget.time = absl::InfiniteDuration(); }},
      {"passages_per_search", [](AskRequest& r) { r.passages_per_search = 501; }},
      {"stop.threshold", [](AskRequest& r) { r.stop.threshold = -.1; }},
      {"stop.threshold", [](AskRequest& r) { r.stop.threshold = 1.1; }},
      {"stop.threshold",
       [](AskRequest& r) { r.stop.threshold = std::numeric_limits<double>::quiet_NaN(); }},
      {"rerank.candidates", [](AskRequest& r) { r.rerank = AgentRerank{.candidates = 0}; }},
      {"rerank.candidates", [](AskRequest& r) { r.rerank = AgentRerank{.candidates = 501}; }},
  };
  for (const Case& one : cases) {
    AskRequest request = Plain();
    one.change(request);
    const absl::Status status = CheckRequest(request, {});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << one.field;
    EXPECT_THAT(std::string(status.message()), StartsWith(one.field + ": "));
  }
}

}  // namespace
}  // namespace foraker::agent
