#include "services/cli/ask_measures.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "agent/budget.h"
#include "agent/eval/answer_metrics.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using agent::Interval;
using agent::RunMetric;
using agent::RunMetrics;
using Json = nlohmann::ordered_json;
using Align = Table::Align;

std::vector<double> Values(const AskMeasures& measures, double RunMetrics::*metric) {
  std::vector<double> values;
  for (const RunMetrics& run : measures.runs) values.push_back(run.*metric);
  return values;
}

double MeanOf(const AskMeasures& measures, double RunMetrics::*metric) {
  return agent::Mean(measures.runs).*metric;
}

Json SearchesJson(const AskMeasures& measures) {
  std::vector<double> searches = Values(measures, &RunMetrics::searches);
  std::sort(searches.begin(), searches.end());
  return {{"mean", MeanOf(measures, &RunMetrics::searches)},
          {"p50", searches.empty() ? 0 : searches[(searches.size() - 1) / 2]},
          {"max", searches.empty() ? 0 : searches.back()}};
}

Json AnswersJson(const std::vector<RunMetrics>& runs, bool with_titles) {
  const RunMetrics mean = agent::Mean(runs);
  Json json = {{"questions", runs.size()}, {"em", mean.em}, {"f1", mean.f1}};
  if (with_titles) {
    json["title_em"] = mean.title_em;
    json["title_f1"] = mean.title_f1;
  }
  return json;
}

std::string Rounded(double value) { return absl::StrFormat("%.3f", value); }

std::string Between(const Interval& interval) {
  return absl::StrFormat("%.3f to %.3f", interval.low, interval.high);
}

agent::PlotPoint PointOf(const AskMeasures& measures, double RunMetrics::*metric) {
  return {MeanOf(measures, &RunMetrics::searches), MeanOf(measures, metric),
          measures.IntervalOf(metric)};
}

}  // namespace

Interval AskMeasures::IntervalOf(double RunMetrics::*metric) const {
  return agent::BootstrapMean(Values(*this, metric));
}

AskMeasures MeasureRuns(std::string name, std::span<const agent::JudgedQuestion> questions,
                        const QuestionRuns& runs) {
  AskMeasures measures;
  measures.name = std::move(name);
  measures.latency = runs.latency;
  for (size_t i = 0; i < runs.results.size(); ++i) {
    const RunMetrics metrics = agent::Measure(questions[i], runs.results[i]);
    measures.runs.push_back(metrics);
    ++measures.stopped_by[std::string(agent::StoppedByName(runs.results[i].stopped_by))];
    if (questions[i].answers.empty()) continue;
    const bool yes_no = agent::IsYesNo(questions[i].answers.front());
    (yes_no ? measures.yes_no : measures.spans).push_back(metrics);
  }
  return measures;
}

Share ShareOf(const AskMeasures& ours, const AskMeasures& other, double RunMetrics::*metric) {
  const double whole = MeanOf(other, metric);
  return {whole == 0 ? 0 : MeanOf(ours, metric) / whole,
          agent::BootstrapRatio(Values(ours, metric), Values(other, metric))};
}

Json ToJson(const AskMeasures& measures) {
  Json json;
  Json intervals;
  for (const RunMetric& metric : agent::AllRunMetrics()) {
    const std::string name(metric.name);
    json[name] = MeanOf(measures, metric.value);
    const Interval interval = measures.IntervalOf(metric.value);
    intervals[name] = {interval.low, interval.high};
  }
  json["searches"] = SearchesJson(measures);
  json["spans"] = AnswersJson(measures.spans, true);
  json["yes_no"] = AnswersJson(measures.yes_no, false);
  json["intervals"] = std::move(intervals);
  json["stopped_by"] = measures.stopped_by;
  json["questions"] = measures.runs.size();
  json["latency_ms"] = {{"mean", measures.latency.mean()},
                        {"p50", measures.latency.Percentile(50)},
                        {"p99", measures.latency.Percentile(99)}};
  return json;
}

std::string DescribeMeasures(const AskMeasures& measures) {
  Table table({Align::kLeft, Align::kRight, Align::kLeft});
  for (const RunMetric& metric : agent::AllRunMetrics())
    table.Add({std::string(metric.name), Rounded(MeanOf(measures, metric.value)),
               Between(measures.IntervalOf(metric.value))});
  const auto add_answers = [&](const char* kind, const std::vector<RunMetrics>& runs) {
    if (runs.empty()) return;
    const RunMetrics mean = agent::Mean(runs);
    table.Add({absl::StrFormat("em, f1 of %s", kind), Rounded(mean.em),
               absl::StrFormat("%.3f, %d questions", mean.f1, runs.size())});
    table.Add({absl::StrFormat("by title, of %s", kind), Rounded(mean.title_em),
               absl::StrFormat("%.3f", mean.title_f1)});
  };
  add_answers("spans", measures.spans);
  add_answers("yes/no", measures.yes_no);
  for (const auto& [reason, count] : measures.stopped_by)
    table.Add({"stopped by " + reason, Thousands(count), "questions"});
  table.Add({"latency, mean", absl::StrFormat("%.1f", measures.latency.mean()), "ms"});
  table.Add({"latency, p99", absl::StrFormat("%.1f", measures.latency.Percentile(99)), "ms"});
  return table.ToString();
}

std::string CompareMeasures(std::span<const AskMeasures> all) {
  constexpr RunMetric kColumns[] = {{"searches", &RunMetrics::searches},
                                    {"calls", &RunMetrics::retrieval_calls},
                                    {"passages", &RunMetrics::passages},
                                    {"gold recall", &RunMetrics::gold_recall},
                                    {"all gold", &RunMetrics::all_gold},
                                    {"titles", &RunMetrics::title_recall},
                                    {"em", &RunMetrics::em},
                                    {"f1", &RunMetrics::f1}};
  std::vector<std::string> header = {""};
  std::vector<Align> alignment = {Align::kLeft};
  for (const RunMetric& column : kColumns) {
    header.emplace_back(column.name);
    alignment.push_back(Align::kRight);
  }
  Table table(alignment);
  table.Add(header);
  for (const AskMeasures& measures : all) {
    std::vector<std::string> row = {measures.name};
    for (const RunMetric& column : kColumns) row.push_back(Rounded(MeanOf(measures, column.value)));
    table.Add(row);
  }
  return table.ToString();
}

agent::QualityPlot PlotOf(std::string title, std::span<const AskMeasures> fixed,
                          const AskMeasures& learned) {
  agent::QualityPlot plot;
  plot.title = std::move(title);
  plot.x_label = "searches a question (mean)";
  plot.mark_name = learned.name;
  const auto add = [&](const char* name, double RunMetrics::*metric) {
    agent::PlotSeries series;
    series.name = name;
    for (const AskMeasures& measures : fixed) series.line.push_back(PointOf(measures, metric));
    series.mark = PointOf(learned, metric);
    plot.series.push_back(std::move(series));
  };
  add("gold recall", &RunMetrics::gold_recall);
  add("all gold", &RunMetrics::all_gold);
  add("answer F1", &RunMetrics::f1);
  return plot;
}

}  // namespace foraker::cli
