#include "index/query/query_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/status.h"

namespace foraker::index {
namespace {

constexpr double kMaxUnits = 65535;
constexpr double kProductSlack = 0x1p-22;
constexpr double kDenormalSlack = 0x1p-149;
constexpr double kDoubleSlack = 0x1p-40;  // for the conversions below

// Running totals over windows, of postings and of a row's entries.
absl::Status FindWindows(const PostingLists& lists, const Kernels& kernels, PlannedTerm& term) {
  const PostingList& list = term.list;
  const uint32_t windows = lists.num_windows();
  term.first_posting.resize(windows + 1);
  for (uint32_t w = 0; w < windows; ++w) {
    term.first_posting[w + 1] = term.first_posting[w] + list.window_counts[w];
  }
  term.first_entry.resize(windows + 1);
  if (list.row.occupied.empty()) {
    for (uint32_t w = 0; w < windows; ++w) term.first_entry[w] = w * kBlocksPerWindow;
    term.first_entry[windows] = lists.num_blocks();
  } else {
    kernels.rank_words(list.row.occupied.data(), list.row.occupied.size(), kWordsPerWindow,
                       term.first_entry.data());
  }
  if (term.first_entry[windows] == list.row.maxima.size()) return absl::OkStatus();
  return absl::DataLossError("a row of block maxima does not match its bitmap");
}

// Upper bound of the term's contribution to a score, an impact step.
double StepBound(float query_weight, float scale) {
  return static_cast<double>(query_weight) * scale * (1 + kProductSlack) + kDenormalSlack;
}

// With S = (65535 - 2n) / (256 sum of steps) and F = ceil(256 S step), every product is at most
// F + 1 <= 256 S step + 2, so that all of them add up to 65,535 at most.
void ChooseFactors(QueryPlan& plan) {
  double total = 0;
  for (size_t i = 0; i < plan.terms.size(); ++i) {
    total += StepBound(plan.resolved[i].weight, plan.terms[i].list.scale);
  }
  const auto n = static_cast<double>(plan.terms.size());
  plan.units_per_score = (kMaxUnits - 2 * n) / (256 * total) * (1 - kDoubleSlack);
  for (size_t i = 0; i < plan.terms.size(); ++i) {
    const double step = StepBound(plan.resolved[i].weight, plan.terms[i].list.scale);
    plan.terms[i].factor = static_cast<uint16_t>(std::ceil(256 * plan.units_per_score * step));
  }
}

}  // namespace

Units QueryPlan::UnitsOf(float score) const {
  // An infinite score comes from a sum beyond the largest float.
  const double finite = std::min(score, std::numeric_limits<float>::max());
  const double units = std::floor(finite * units_per_score * (1 - kDoubleSlack));
  return static_cast<Units>(std::clamp(units, 1.0, kMaxUnits));
}

float QueryPlan::ScoreBound(Units units) const {
  const double bound = units / units_per_score * (1 + kDoubleSlack);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (bound >= std::numeric_limits<float>::max()) return kInfinity;
  return std::nextafter(static_cast<float>(bound), kInfinity);
}

absl::StatusOr<QueryPlan> MakePlan(const TermIndex& index, const QueryVector& query,
                                   const Kernels& kernels) {
  QueryPlan plan;
  plan.terms.reserve(query.size());
  plan.resolved.reserve(query.size());
  for (const QueryTerm& term : query) {
    ASSIGN_OR_RETURN(const std::optional<TermOrdinal> ordinal, index.Find(term.key));
    if (!ordinal.has_value()) continue;
    PlannedTerm planned;
    ASSIGN_OR_RETURN(planned.list, index.postings().Find(*ordinal));
    if (planned.list.blocked()) {
      RETURN_IF_ERROR(FindWindows(index.postings(), kernels, planned));
    }
    plan.postings += planned.list.document_frequency;
    plan.terms.push_back(std::move(planned));
    plan.resolved.push_back({*ordinal, term.weight});
  }
  if (!plan.terms.empty()) ChooseFactors(plan);
  return plan;
}

}  // namespace foraker::index
