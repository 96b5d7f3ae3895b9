// Runs the loop on the fake backend, with a bill to look at.

#ifndef FORAKER_TESTS_AGENT_LOOP_FIXTURE_H_
#define FORAKER_TESTS_AGENT_LOOP_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "agent/loop.h"
#include "tests/agent/fake_backend.h"
#include "tests/agent/scripted_planner.h"

namespace foraker::agent {

class LoopFixture : public ::testing::Test {
 protected:
  LoopFixture() : backend_(SixFish()) {
    request_.question = "red fish";
    request_.budget = {.searches = 9, .passages = 20, .tokens = 0, .time = absl::Seconds(10)};
  }

  absl::StatusOr<LoopResult> Run(Planner& planner) {
    meter_.emplace(request_.budget, backend_.now);
    session_.emplace(backend_, *meter_, Session::Options{.cancelled = request_.cancelled});
    return RunLoop(request_, planner, *session_, events_);
  }
  const Bill& bill() const { return meter_->bill(); }

  // Documents that a step read.
  static std::vector<std::string> ReadBy(const LoopResult& run, size_t step) {
    std::vector<std::string> ids;
    for (const size_t place : run.trajectory.steps.at(step).observation.read) {
      ids.push_back(run.trajectory.passages.at(place).passage.document_id);
    }
    return ids;
  }

  FakeBackend backend_;
  AskRequest request_;
  AskEvents events_;
  std::optional<Meter> meter_;
  std::optional<Session> session_;
};

}  // namespace foraker::agent

#endif  // FORAKER_TESTS_AGENT_LOOP_FIXTURE_H_
