#include "services/server/agent_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace foraker::server {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Registry;

// Seconds; a run takes some milliseconds by searches alone and minutes with large models.
const prometheus::Histogram::BucketBoundaries kSecondsBuckets = {
    .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 50, 100, 250};
const prometheus::Histogram::BucketBoundaries kSearchesBuckets = {1, 2, 3, 4, 5, 8, 12, 20, 32};

// One counter a row, with the label's value where its family has one.
struct Measure {
  const char* label;
  double (*of)(const agent::Bill& bill);
};

template <auto member>
double Value(const agent::Bill& bill) {
  return static_cast<double>(bill.*member);
}
template <auto member>
double Seconds(const agent::Bill& bill) {
  return absl::ToDoubleSeconds(bill.times.*member);
}

using agent::Bill;
using agent::StageTimes;

constexpr Measure kTokens[] = {{"passages", Value<&Bill::passage_tokens>},
                               {"chat_in", Value<&Bill::chat_tokens_in>},
                               {"chat_out", Value<&Bill::chat_tokens_out>},
                               {"rank", Value<&Bill::rank_tokens>}};
constexpr Measure kStages[] = {
    {"plan", Seconds<&StageTimes::plan>}, {"search", Seconds<&StageTimes::search>},
    {"rank", Seconds<&StageTimes::rank>}, {"links", Seconds<&StageTimes::links>},
    {"chat", Seconds<&StageTimes::chat>}, {"answer", Seconds<&StageTimes::answer>}};

Family<Counter>& CounterFamily(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

struct AgentMetrics::Families {
  explicit Families(Registry& to)
      : registry(to),
        runs(CounterFamily(registry, "foraker_agent_runs_total",
                           "Runs that ended, by what ended them")),
        answers(CounterFamily(registry, "foraker_agent_answers_total",
                              "Runs that ended with an answer, found or not")) {
    Family<Counter>& tokens =
        CounterFamily(registry, "foraker_agent_tokens_total", "Tokens of runs, by what read them");
    for (const Measure& each : kTokens) Add(tokens, "kind", each);
    Family<Counter>& stages = CounterFamily(registry, "foraker_agent_stage_seconds_total",
                                            "Time of runs, by what it went to");
    for (const Measure& each : kStages) Add(stages, "stage", each);
    AddAlone("foraker_agent_retrieval_calls_total",
             "Searches of runs, candidates that nobody read too", Value<&Bill::retrieval_calls>);
    AddAlone("foraker_agent_passages_total", "Passages that runs read", Value<&Bill::passages>);
    AddAlone("foraker_agent_chat_calls_total", "Calls of runs to the language model",
             Value<&Bill::chat_calls>);
  }

  void Add(Family<Counter>& family, const char* label, const Measure& measure) {
    counters.emplace_back(&family.Add({{label, measure.label}}), measure.of);
  }
  void AddAlone(const char* name, const char* help, double (*of)(const Bill&)) {
    counters.emplace_back(&CounterFamily(registry, name, help).Add({}), of);
  }

  prometheus::Gauge& Gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
  }
  prometheus::Histogram& Histogram(const char* name, const char* help,
                                   const prometheus::Histogram::BucketBoundaries& buckets) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
  }

  Registry& registry;
  Family<Counter>& runs;
  Family<Counter>& answers;
  std::vector<std::pair<Counter*, double (*)(const Bill&)>> counters;
  prometheus::Histogram& seconds =
      Histogram("foraker_agent_seconds", "Time of a run, from its first search", kSecondsBuckets);
  prometheus::Histogram& searches = Histogram(
      "foraker_agent_searches", "Searches of a run whose passages were read", kSearchesBuckets);
  prometheus::Gauge& running = Gauge("foraker_agent_running", "Runs under way");
  prometheus::Gauge& waiting = Gauge("foraker_agent_waiting", "Runs that wait for a thread");
};

AgentMetrics::AgentMetrics(Registry& registry) : families_(std::make_unique<Families>(registry)) {
  // Shown from the start: a rate needs the zero before the first run.
  families_->runs.Add({{"stopped_by", "finished"}});
  families_->answers.Add({{"found", "true"}});
}

AgentMetrics::~AgentMetrics() = default;

void AgentMetrics::Observe(const agent::AskResult& result) {
  const std::string stopped_by(agent::StoppedByName(result.stopped_by));
  families_->runs.Add({{"stopped_by", stopped_by}}).Increment();
  families_->answers.Add({{"found", result.answer.found ? "true" : "false"}}).Increment();
  families_->seconds.Observe(absl::ToDoubleSeconds(result.bill.times.total));
  families_->searches.Observe(result.bill.searches);
  for (const auto& [counter, of] : families_->counters) counter->Increment(of(result.bill));
}

void AgentMetrics::ObserveFailure() { families_->runs.Add({{"stopped_by", "error"}}).Increment(); }

void AgentMetrics::Show(const AgentGauges& gauges) {
  families_->running.Set(static_cast<double>(gauges.running));
  families_->waiting.Set(static_cast<double>(gauges.waiting));
}

}  // namespace foraker::server
