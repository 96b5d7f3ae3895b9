// What a run was worth, given what should have been found.
//
// Pure functions. Searches are counted as bills count them (agent/budget.h). A run's answer, where
// none was found, is compared as an empty one.

#ifndef FORAKER_AGENT_EVAL_RUN_METRICS_H_
#define FORAKER_AGENT_EVAL_RUN_METRICS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent.h"
#include "agent/eval/judged_question.h"
#include "agent/stop/fit.h"
#include "agent/trajectory.h"

namespace foraker::agent {

struct RunMetrics {
  double searches = 0, retrieval_calls = 0, passages = 0;
  double gold_recall = 0;   // share of the gold documents that were read
  double all_gold = 0;      // 1: all of them
  double title_recall = 0;  // share of their titles, by whatever document
  double support_f1 = 0;    // of the documents read as a guess at the gold ones
  double em = 0, f1 = 0;    // of the answer
  // Of what needs no answerer at all: the title of the first passage read that the question does
  // not name.
  double title_em = 0, title_f1 = 0;
};

struct RunMetric {
  std::string_view name;  // in JSON and tables
  double RunMetrics::*value;
};
std::span<const RunMetric> AllRunMetrics();

RunMetrics Measure(const JudgedQuestion& question, const AskResult& result);
RunMetrics Mean(std::span<const RunMetrics> runs);

// The title of the first passage read whose title, brackets dropped, the question does not hold;
// empty when there is none.
std::string FirstUnnamedTitle(const Trajectory& trajectory);

// A question's runs as fit.h takes them: runs[n - 1] could make n searches and had no stop. The
// last one, which may be any that never stopped, tells the features before each search but the
// first (zero where its planner told none); the others, what ending after fewer searches finds, for
// a run reads all its passages before it ends.
ExploredRun ToExploredRun(const JudgedQuestion& question, std::span<const Trajectory> runs);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EVAL_RUN_METRICS_H_
