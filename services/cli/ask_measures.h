// The figures of an agent's runs over many questions, for people and programs.
//
// Pure. Intervals are bootstrapped over the questions (agent/eval/bootstrap.h).

#ifndef FORAKER_SERVICES_CLI_ASK_MEASURES_H_
#define FORAKER_SERVICES_CLI_ASK_MEASURES_H_

#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "agent/eval/bootstrap.h"
#include "agent/eval/judged_question.h"
#include "agent/eval/quality_plot.h"
#include "agent/eval/run_metrics.h"
#include "services/cli/question_runs.h"

namespace foraker::cli {

// One way of asking, on all questions.
struct AskMeasures {
  std::string name;
  std::vector<agent::RunMetrics> runs;
  std::vector<agent::RunMetrics> spans, yes_no;  // the same by the kind of the known answer
  std::map<std::string, size_t> stopped_by;
  Latency latency;

  agent::Interval IntervalOf(double agent::RunMetrics::*metric) const;
};
AskMeasures MeasureRuns(std::string name, std::span<const agent::JudgedQuestion> questions,
                        const QuestionRuns& runs);

// What `ours` uses or finds as a share of what `other` does, on the same questions.
struct Share {
  double value = 0;
  agent::Interval interval;
};
Share ShareOf(const AskMeasures& ours, const AskMeasures& other, double agent::RunMetrics::*metric);

// {"searches": {"mean", "p50", "max"}, "gold_recall", "all_gold", "em", "f1", ..., "spans",
// "yes_no", "intervals": {metric: [low, high]}, "stopped_by", "questions", "latency_ms"}
nlohmann::ordered_json ToJson(const AskMeasures& measures);

// Figures of one way, a line each.
std::string DescribeMeasures(const AskMeasures& measures);
// Several ways, a line each.
std::string CompareMeasures(std::span<const AskMeasures> all);

// `fixed`: after 1, 2, ... searches.
agent::QualityPlot PlotOf(std::string title, std::span<const AskMeasures> fixed,
                          const AskMeasures& learned);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_ASK_MEASURES_H_
