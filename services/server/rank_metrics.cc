#include "services/server/rank_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <utility>
#include <vector>

namespace foraker::server {
namespace {

using ranker::SchedulerStats;

// Seconds; a list takes some milliseconds with a small model and minutes with a large one on few
// processors.
const prometheus::Histogram::BucketBoundaries kBuckets = {.005, .01, .025, .05, .1, .25, .5, 1,
                                                          2.5,  5,   10,   25,  50, 100, 250};

struct Measure {
  const char* name;
  const char* help;
  double (*of)(const SchedulerStats& stats);
};

template <auto member>
double Value(const SchedulerStats& stats) {
  return static_cast<double>(stats.*member);
}

constexpr Measure kGauges[] = {
    {"foraker_rank_waiting_lists", "Lists that wait for a pass of the model",
     Value<&SchedulerStats::waiting_lists>},
    {"foraker_rank_waiting_tokens", "Tokens of the lists that wait",
     Value<&SchedulerStats::waiting_tokens>},
};

constexpr Measure kCounters[] = {
    {"foraker_rank_passes_total", "Passes over the model", Value<&SchedulerStats::passes>},
    {"foraker_rank_lists_total", "Lists that passes ranked", Value<&SchedulerStats::lists>},
    {"foraker_rank_tokens_total", "Tokens that passes read", Value<&SchedulerStats::tokens>},
    {"foraker_rank_refused_total", "Lists for which the queue had no room",
     Value<&SchedulerStats::refused>},
    {"foraker_rank_compute_seconds_total", "Time of the passes",
     [](const SchedulerStats& stats) { return absl::ToDoubleSeconds(stats.compute); }},
};

}  // namespace

struct RankMetrics::Families {
  std::vector<std::pair<const Measure*, prometheus::Gauge*>> gauges;
  std::vector<std::pair<const Measure*, prometheus::Counter*>> counters;
  prometheus::Histogram* seconds = nullptr;
};

RankMetrics::RankMetrics(prometheus::Registry& registry) : families_(std::make_unique<Families>()) {
  for (const Measure& measure : kGauges) {
    families_->gauges.emplace_back(
        &measure,
        &prometheus::BuildGauge().Name(measure.name).Help(measure.help).Register(registry).Add({}));
  }
  for (const Measure& measure : kCounters) {
    families_->counters.emplace_back(&measure, &prometheus::BuildCounter()
                                                    .Name(measure.name)
                                                    .Help(measure.help)
                                                    .Register(registry)
                                                    .Add({}));
  }
  families_->seconds = &prometheus::BuildHistogram()
                            .Name("foraker_rank_seconds")
                            .Help("Time to rank a list, waiting for a pass included")
                            .Register(registry)
                            .Add({}, kBuckets);
}

RankMetrics::~RankMetrics() = default;

void RankMetrics::Observe(absl::Duration took) {
  families_->seconds->Observe(absl::ToDoubleSeconds(took));
}

void RankMetrics::Show(const SchedulerStats& stats) {
  for (const auto& [measure, gauge] : families_->gauges) gauge->Set(measure->of(stats));
  for (const auto& [measure, counter] : families_->counters) {
    counter->Increment(measure->of(stats) - counter->Value());
  }
}

}  // namespace foraker::server
