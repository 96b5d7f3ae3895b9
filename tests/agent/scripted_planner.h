// A planner that does what a test wrote down, step by step, and then finishes.

#ifndef FORAKER_TESTS_AGENT_SCRIPTED_PLANNER_H_
#define FORAKER_TESTS_AGENT_SCRIPTED_PLANNER_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "agent/planner.h"

namespace foraker::agent {

inline Action SearchFor(std::string text, uint32_t passages = 0) {
  Action action;
  action.thought = "look for " + text;
  action.tool = Tool::kSearch;
  action.query.text = std::move(text);
  action.query.passages = passages;
  return action;
}

class ScriptedPlanner : public Planner {
 public:
  using Move = std::function<absl::StatusOr<Action>(const Trajectory&, Session&)>;

  explicit ScriptedPlanner(std::vector<Move> moves, uint32_t first_passages = 2)
      : moves_(std::move(moves)), first_passages_(first_passages) {}

  uint32_t FirstPassages(const Budget&) const override { return first_passages_; }
  absl::StatusOr<Action> Next(const Trajectory& trajectory, Session& session,
                              const OnText& on_thought) override {
    if (made_ == moves_.size()) return Action{};
    absl::StatusOr<Action> action = moves_[made_++](trajectory, session);
    if (action.ok() && on_thought) on_thought(action->thought);
    return action;
  }

  size_t made() const { return made_; }

 private:
  std::vector<Move> moves_;
  size_t made_ = 0;
  const uint32_t first_passages_;
};

// Moves that search, one a query.
inline std::vector<ScriptedPlanner::Move> SearchesFor(const std::vector<std::string>& queries) {
  std::vector<ScriptedPlanner::Move> moves;
  for (const std::string& query : queries) {
    moves.push_back([query](const Trajectory&, Session&) { return SearchFor(query); });
  }
  return moves;
}

}  // namespace foraker::agent

#endif  // FORAKER_TESTS_AGENT_SCRIPTED_PLANNER_H_
