#include "agent/extractive/extractive_planner.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "agent/extractive/bridges.h"
#include "agent/extractive/hop.h"
#include "agent/extractive/question_terms.h"
#include "agent/extractive/wording.h"
#include "base/status.h"

namespace foraker::agent {
namespace {

using retrieval::AnalyzedTerm;
using retrieval::Link;

// The question's own search reads two fifths of the passages; the later ones share the rest.
uint32_t FirstShare(uint32_t passages) { return (2 * passages + 4) / 5; }

// Where searches have a price, three of five are planned: read in larger shares, the same passages
// are as good (docs/benchmarks.md, "Agent: gold recall").
uint32_t PlannedSearches(uint32_t allowed) { return std::max(2u, (3 * allowed + 4) / 5); }

class ExtractivePlanner final : public Planner {
 public:
  explicit ExtractivePlanner(const ExtractiveOptions& options) : options_(options) {}

  uint32_t FirstPassages(const Budget& budget) const override {
    if (options_.passages_per_search != 0) return options_.passages_per_search;
    return budget.searches > 1 ? FirstShare(budget.passages) : budget.passages;
  }

  absl::StatusOr<Action> Next(const Trajectory& trajectory, Session& session,
                              const OnText& on_thought) override {
    RETURN_IF_ERROR(Study(trajectory, session));
    Action action;
    ASSIGN_OR_RETURN(const std::optional<Hop> hop, NextHop(trajectory, session));
    if (hop.has_value()) {
      action.query = {.text = QueryText(*hop, question_, trajectory),
                      .terms = hop->terms,
                      .passages = Passages(session.meter())};
    }
    if (action.query.text.empty()) {
      action.exhausted = true;
      action.thought = ExhaustedThought();
    } else {
      Decide(trajectory, *hop, session.meter(), action);
    }
    // It costs no search, and may hold what the next one would have found.
    if (action.tool == Tool::kFinish) action.read_on = session.meter().passages_left();
    covered_before_ = question_.Covered();
    if (on_thought) on_thought(action.thought);
    return action;
  }

 private:
  uint32_t Passages(const Meter& meter) const {
    if (options_.passages_per_search != 0) return options_.passages_per_search;
    const uint32_t made = meter.bill().searches;
    const uint32_t allowed = made + meter.searches_left();
    const uint32_t planned =
        options_.stop == StopMode::kLearned ? PlannedSearches(allowed) : allowed;
    const uint32_t left = planned > made ? planned - made : 1;
    return (meter.passages_left() + left - 1) / left;
  }

  // Takes up what was read since the last call.
  absl::Status Study(const Trajectory& trajectory, Session& session) {
    if (!analyzed_) {
      ASSIGN_OR_RETURN(const std::vector<AnalyzedTerm> terms, session.Analyze(trajectory.question));
      question_ = QuestionTerms(trajectory.question, terms);
      analyzed_ = true;
    }
    if (studied_ == 0) {
      for (const ReadPassage& read : trajectory.passages) {
        best_score_ = std::max<double>(best_score_, read.passage.score);
      }
    }
    for (; studied_ < trajectory.passages.size(); ++studied_) {
      RETURN_IF_ERROR(StudyPassage(trajectory.passages[studied_].passage, session));
    }
    return absl::OkStatus();
  }

  absl::Status StudyPassage(const Passage& passage, Session& session) {
    ASSIGN_OR_RETURN(const std::vector<AnalyzedTerm> title, session.Analyze(passage.title));
    ASSIGN_OR_RETURN(const std::vector<AnalyzedTerm> text, session.Analyze(passage.text));
    absl::StatusOr<std::vector<Link>> links =
        session.Links({{passage.document_id, passage.ordinal}});
    // A collection whose titles are not indexed.
    if (absl::IsFailedPrecondition(links.status())) links = std::vector<Link>();
    RETURN_IF_ERROR(links.status());
    const double trust = TrustIn(passage);
    question_.Cover(title, trust);
    question_.Cover(text, trust);
    bridges_.Add(studied_, passage, trust, question_, text, *links);
    return absl::OkStatus();
  }

  // The square of the score over the best first one: a passage that matches the question half as
  // well is hardly about it.
  double TrustIn(const Passage& passage) const {
    if (best_score_ <= 0) return 0;
    const double relative = std::clamp(passage.score / best_score_, 0.0, 1.0);
    return relative * relative;
  }

  absl::StatusOr<std::optional<Hop>> NextHop(const Trajectory& trajectory, Session& session) {
    if (best_score_ <= 0) return std::nullopt;
    return ChooseHop({.trajectory = trajectory,
                      .question = question_,
                      .bridges = bridges_,
                      .best_score = best_score_,
                      .passages = Passages(session.meter())},
                     session);
  }

  void Decide(const Trajectory& trajectory, const Hop& hop, const Meter& meter, Action& action) {
    StopDecision decision{.features = Features(trajectory, hop, meter)};
    decision.probability = options_.stop_policy.Probability(decision.features);
    action.decision = decision;
    if (options_.stop == StopMode::kLearned &&
        options_.stop_policy.ShouldStop(decision.probability)) {
      action.thought = StopThought(question_, decision.probability);
      action.query = {};
      return;
    }
    action.tool = Tool::kSearch;
    action.thought = SearchThought(hop, question_, trajectory);
  }

  StopFeatures Features(const Trajectory& trajectory, const Hop& hop, const Meter& meter) const {
    StopFeatures features;
    features.searches = meter.bill().searches / 5.0;
    features.coverage = question_.Covered();
    features.new_coverage = question_.Covered() - covered_before_;
    std::vector<double> first;  // scores of the first search
    for (const ReadPassage& read : trajectory.passages) {
      if (read.step == 0) first.push_back(read.passage.score);
    }
    std::sort(first.rbegin(), first.rend());
    features.score_gap = first.size() > 1 ? 1 - first[1] / first[0] : 1;
    const Observation& last = trajectory.steps.back().observation;
    const auto hits = static_cast<double>(last.read.size()) + last.known;
    features.novelty = hits > 0 ? static_cast<double>(last.read.size()) / hits : 0;
    const auto titles = static_cast<double>(hop.titles.size());
    features.links = titles / (titles + 4);
    features.gain = std::min(1.0, hop.gain / 2);
    return features;
  }

  const ExtractiveOptions options_;
  QuestionTerms question_;
  Bridges bridges_;
  bool analyzed_ = false;
  size_t studied_ = 0;  // passages of the trajectory
  double best_score_ = 0;
  double covered_before_ = 0;
};

}  // namespace

std::unique_ptr<Planner> MakeExtractivePlanner(const ExtractiveOptions& options) {
  return std::make_unique<ExtractivePlanner>(options);
}

}  // namespace foraker::agent
