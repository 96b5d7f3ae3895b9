#include "agent/eval/run_metrics.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "absl/strings/str_cat.h"
#include "agent/eval/answer_metrics.h"

namespace foraker::agent {
namespace {

// |read in gold| / |gold|; 1 where nothing is asked for.
double Recall(const std::set<std::string>& gold, const std::set<std::string>& read) {
  if (gold.empty()) return 1;
  const auto found = std::count_if(gold.begin(), gold.end(),
                                   [&](const std::string& one) { return read.contains(one); });
  return static_cast<double>(found) / static_cast<double>(gold.size());
}

bool IsSearch(const Step& step) {
  return step.tool == Tool::kSearch && step.observation.error.empty();
}

std::set<std::string> DocumentsOf(const Trajectory& trajectory) {
  std::set<std::string> documents;
  for (const ReadPassage& read : trajectory.passages) documents.insert(read.passage.document_id);
  return documents;
}

// "Carrie (novel)" is called "Carrie".
std::string WithoutBrackets(const std::string& title) {
  const size_t bracket = title.find(" (");
  return bracket == 0 ? title : title.substr(0, bracket);
}

bool HoldsWords(const std::string& text, const std::string& words) {
  return absl::StrCat(" ", text, " ").find(absl::StrCat(" ", words, " ")) != std::string::npos;
}

}  // namespace

std::span<const RunMetric> AllRunMetrics() {
  static constexpr RunMetric kMetrics[] = {
      {"searches", &RunMetrics::searches},
      {"retrieval_calls", &RunMetrics::retrieval_calls},
      {"passages", &RunMetrics::passages},
      {"gold_recall", &RunMetrics::gold_recall},
      {"all_gold", &RunMetrics::all_gold},
      {"title_recall", &RunMetrics::title_recall},
      {"support_f1", &RunMetrics::support_f1},
      {"em", &RunMetrics::em},
      {"f1", &RunMetrics::f1},
      {"title_em", &RunMetrics::title_em},
      {"title_f1", &RunMetrics::title_f1},
  };
  return kMetrics;
}

RunMetrics Measure(const JudgedQuestion& question, const AskResult& result) {
  const std::set<std::string> documents = DocumentsOf(result.trajectory);
  std::set<std::string> titles;
  for (const ReadPassage& read : result.trajectory.passages) titles.insert(read.passage.title);
  RunMetrics metrics;
  metrics.searches = result.bill.searches;
  metrics.retrieval_calls = result.bill.retrieval_calls;
  metrics.passages = result.bill.passages;
  metrics.gold_recall = Recall(question.gold, documents);
  metrics.all_gold = metrics.gold_recall == 1 ? 1 : 0;
  metrics.title_recall = Recall(question.gold_titles, titles);
  const auto gold = static_cast<double>(question.gold.size());
  if (!question.gold.empty())
    metrics.support_f1 =
        2 * metrics.gold_recall * gold / (gold + static_cast<double>(documents.size()));
  const AnswerMetrics answer = CompareAnswers(result.answer.text, question.answers);
  metrics.em = answer.em;
  metrics.f1 = answer.f1;
  const AnswerMetrics title =
      CompareAnswers(FirstUnnamedTitle(result.trajectory), question.answers);
  metrics.title_em = title.em;
  metrics.title_f1 = title.f1;
  return metrics;
}

RunMetrics Mean(std::span<const RunMetrics> runs) {
  RunMetrics mean;
  for (const RunMetric& metric : AllRunMetrics()) {
    for (const RunMetrics& run : runs)
      mean.*metric.value += run.*metric.value / static_cast<double>(runs.size());
  }
  return mean;
}

std::string FirstUnnamedTitle(const Trajectory& trajectory) {
  const std::string question = NormalizeAnswer(trajectory.question);
  for (const ReadPassage& read : trajectory.passages) {
    const std::string title = WithoutBrackets(read.passage.title);
    const std::string words = NormalizeAnswer(title);
    if (!words.empty() && !HoldsWords(question, words)) return title;
  }
  return "";
}

ExploredRun ToExploredRun(const JudgedQuestion& question, std::span<const Trajectory> runs) {
  ExploredRun explored;
  for (const Step& step : runs.back().steps) {
    if (!IsSearch(step)) continue;
    const Trajectory& ended_here = runs[std::min(explored.recall.size(), runs.size() - 1)];
    if (!explored.recall.empty())
      explored.decisions.push_back(step.decision.has_value() ? step.decision->features
                                                             : StopFeatures());
    explored.recall.push_back(Recall(question.gold, DocumentsOf(ended_here)));
  }
  return explored;
}

}  // namespace foraker::agent
