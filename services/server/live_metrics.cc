#include "services/server/live_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/time/clock.h"

namespace foraker::server {
namespace {

using index::LiveStats;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;

struct Measure {
  const char* name;
  const char* help;
  double (*of)(const LiveStats& stats);
};

double Unflushed(const LiveStats& stats) {
  if (stats.oldest_unflushed == absl::InfiniteFuture()) return 0;
  return std::max(0.0, absl::ToDoubleSeconds(absl::Now() - stats.oldest_unflushed));
}

template <auto member>
double Value(const LiveStats& stats) {
  return static_cast<double>(stats.*member);
}

constexpr Measure kGauges[] = {
    {"foraker_log_sequence", "Sequence number of the last write", Value<&LiveStats::sequence>},
    {"foraker_flushed_sequence", "Sequence number up to which writes lie in segment files",
     Value<&LiveStats::flushed_sequence>},
    {"foraker_unflushed_seconds", "Age of the oldest write that is in the log alone", Unflushed},
    {"foraker_buffer_bytes", "Memory of writes that are not in segment files yet",
     Value<&LiveStats::buffer_bytes>},
    {"foraker_buffer_documents", "Documents that are not in segment files yet",
     Value<&LiveStats::buffer_documents>},
    {"foraker_memory_segments", "Segments in memory", Value<&LiveStats::memory_segments>},
    {"foraker_disk_segments", "Segment files", Value<&LiveStats::disk_segments>},
    {"foraker_deleted_documents", "Replaced or deleted documents that still take room in segments",
     Value<&LiveStats::deleted_documents>},
    {"foraker_flushing", "1 while a flush runs", Value<&LiveStats::flushing>},
    {"foraker_merging", "1 while a merge runs", Value<&LiveStats::merging>},
    {"foraker_background_error", "1 while the last flush or merge has failed",
     [](const LiveStats& stats) { return stats.background_error.ok() ? 0.0 : 1.0; }},
};

constexpr Measure kCounters[] = {
    {"foraker_flushes_total", "Flushes that ended well", Value<&LiveStats::flushes>},
    {"foraker_merges_total", "Merges that ended well", Value<&LiveStats::merges>},
    {"foraker_merged_bytes_total", "Bytes that merges wrote", Value<&LiveStats::merged_bytes>},
};

}  // namespace

struct LiveMetrics::Families {
  std::vector<std::pair<const Measure*, Family<Gauge>*>> gauges;
  std::vector<std::pair<const Measure*, Family<Counter>*>> counters;
  std::set<std::string> shown;  // collections with values

  void ShowOne(const LiveGauges& live) {
    const prometheus::Labels labels = {{"collection", live.collection}};
    for (const auto& [measure, family] : gauges) family->Add(labels).Set(measure->of(live.stats));
    for (const auto& [measure, family] : counters) {
      Counter* counter = &family->Add(labels);
      const double now = measure->of(live.stats);
      if (now < counter->Value()) {  // the collection was dropped and made again
        family->Remove(counter);
        counter = &family->Add(labels);
      }
      counter->Increment(now - counter->Value());
    }
  }

  void Hide(const std::string& collection) {
    const prometheus::Labels labels = {{"collection", collection}};
    for (const auto& [measure, family] : gauges) family->Remove(&family->Add(labels));
    for (const auto& [measure, family] : counters) family->Remove(&family->Add(labels));
  }
};

LiveMetrics::LiveMetrics(prometheus::Registry& registry) : families_(std::make_unique<Families>()) {
  for (const Measure& measure : kGauges) {
    families_->gauges.emplace_back(
        &measure,
        &prometheus::BuildGauge().Name(measure.name).Help(measure.help).Register(registry));
  }
  for (const Measure& measure : kCounters) {
    families_->counters.emplace_back(
        &measure,
        &prometheus::BuildCounter().Name(measure.name).Help(measure.help).Register(registry));
  }
}

LiveMetrics::~LiveMetrics() = default;

void LiveMetrics::Show(const std::vector<LiveGauges>& collections) {
  std::set<std::string> present;
  for (const LiveGauges& live : collections) {
    families_->ShowOne(live);
    present.insert(live.collection);
  }
  for (const std::string& name : families_->shown) {
    if (present.count(name) == 0) families_->Hide(name);
  }
  families_->shown = std::move(present);
}

}  // namespace foraker::server
