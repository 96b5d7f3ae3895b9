#include "index/query/top_k.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/query/candidate_heap.h"
#include "index/query/engine_tuning.h"
#include "index/query/hits.h"
#include "index/query/query_plan.h"
#include "index/query/segment_search.h"

namespace foraker::index {
namespace {

absl::Status Check(const Snapshot& snapshot, const QueryVector& query,
                   const SearchOptions& options) {
  RETURN_IF_ERROR(Validate(query));
  if (query.size() > kMaxQueryTerms) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "the query has %d terms, more than the %d allowed", query.size(), kMaxQueryTerms));
  }
  if (options.threads == 0) return absl::InvalidArgumentError("threads must be 1 or more, not 0");
  if (options.filter != nullptr && options.filter->size() != snapshot.segments.size()) {
    return absl::InvalidArgumentError(absl::StrFormat("the filter holds %d sets for %d segments",
                                                      options.filter->size(),
                                                      snapshot.segments.size()));
  }
  if (options.after.has_value() && !std::isfinite(options.after->score)) {
    return absl::InvalidArgumentError("the cursor's score must be a finite number");
  }
  return absl::OkStatus();
}

// A score that the bounds of at least `wanted` blocks reach, and mostly of less than twice as many;
// `least` when no more than `wanted` reach that.
float SeedCut(const std::deque<SegmentSearch>& searches, float least, size_t wanted) {
  const auto count = [&searches](float score) {
    size_t blocks = 0;
    for (const SegmentSearch& search : searches) blocks += search.CountAtLeast(score);
    return blocks;
  };
  if (count(least) <= wanted) return least;
  float low = least;  // enough blocks reach it
  float high = least;
  for (const SegmentSearch& search : searches) high = std::max(high, search.Bound());
  high = std::min(high, std::numeric_limits<float>::max());
  if (low >= high) return least;  // an infinite score has been found: no bound tells more
  constexpr int kMaxSteps = 16;
  for (int step = 0; step < kMaxSteps; ++step) {
    const float middle = low + (high - low) / 2;
    const size_t blocks = count(middle);
    (blocks >= wanted ? low : high) = middle;
    if (blocks >= wanted && blocks <= 2 * wanted) break;
  }
  return low;
}

// One worker's part of a search.
struct Part {
  explicit Part(const SearchOptions& options) : heap(options.k, options.collapse) {}

  CandidateHeap heap;
  SearchStats stats;
  float unseen = 0;  // bound of what it left out
  absl::Status status;
};

void Add(const SearchStats& part, SearchStats& total) {
  total.postings_predicted += part.postings_predicted;
  total.postings_scanned += part.postings_scanned;
  total.passages_rescored += part.passages_rescored;
  total.blocks += part.blocks;
  total.blocks_scanned += part.blocks_scanned;
}

SearchScratch& ThreadScratch() {
  thread_local SearchScratch scratch;
  return scratch;
}

class Search {
 public:
  Search(const Snapshot& snapshot, const QueryVector& query, const SearchOptions& options,
         const EngineTuning& tuning)
      : snapshot_(snapshot),
        query_(query),
        options_(options),
        tuning_(tuning),
        progress_(options) {}

  absl::StatusOr<TopKResult> Run() {
    const size_t segments = snapshot_.segments.size();
    const size_t workers = std::clamp<size_t>(options_.threads, 1, std::max<size_t>(segments, 1));
    std::vector<Part> parts(workers, Part(options_));
    std::barrier<> begun(static_cast<ptrdiff_t>(workers));
    std::vector<std::thread> others;
    for (size_t i = 1; i < workers; ++i) {
      others.emplace_back([this, &begun, &part = parts[i]] { Work(part, begun); });
    }
    Work(parts.front(), begun);
    for (std::thread& other : others) other.join();
    return Merge(parts);
  }

 private:
  // Begins segments until none is left and scans the best blocks among them, then finishes its own:
  // by then every worker has raised the threshold as far as such blocks can.
  void Work(Part& part, std::barrier<>& begun) {
    std::deque<SegmentSearch> searches;
    part.status = BeginSegments(part, searches);
    begun.arrive_and_wait();
    for (SegmentSearch& search : searches) {
      if (!part.status.ok()) return;
      const absl::StatusOr<float> unseen = search.Finish();
      part.status = unseen.status();
      if (unseen.ok()) part.unseen = std::max(part.unseen, *unseen);
    }
  }

  absl::Status BeginSegments(Part& part, std::deque<SegmentSearch>& searches) {
    SearchScratch& scratch = ThreadScratch();
    for (size_t i = next_++; i < snapshot_.segments.size(); i = next_++) {
      const DocumentSet* filter = options_.filter == nullptr ? nullptr : &(*options_.filter)[i];
      if (scratch.bounds.size() == searches.size()) scratch.bounds.emplace_back();
      searches.emplace_back(snapshot_.segments[i], static_cast<uint32_t>(i), filter, query_,
                            options_, tuning_, progress_, scratch, scratch.bounds[searches.size()],
                            part.heap, part.stats);
      RETURN_IF_ERROR(searches.back().Begin());
    }
    // While the threshold may still rise much: the best blocks, then ever more. Finish has the
    // rest.
    for (size_t wanted = tuning_.seed_blocks;; wanted *= tuning_.seed_growth) {
      const float threshold = progress_.threshold();
      const float cut = SeedCut(searches, threshold, wanted);
      if (cut <= threshold) return absl::OkStatus();
      for (SegmentSearch& search : searches) {
        RETURN_IF_ERROR(search.ScanAtLeast(std::max(cut, progress_.threshold())));
      }
    }
  }

  absl::StatusOr<TopKResult> Merge(std::vector<Part>& parts) {
    TopKResult result;
    float unseen = 0;
    for (const Part& part : parts) {
      RETURN_IF_ERROR(part.status);
      Add(part.stats, result.stats);
      unseen = std::max(unseen, part.unseen);
    }
    CandidateHeap heap(options_.k, options_.collapse);
    for (const Part& part : parts) {
      for (const Hit& hit : part.heap.Sorted()) heap.Offer(hit);
    }
    result.hits = heap.Sorted();
    // What was left out below the k-th score cannot be a hit.
    if (unseen == 0 || unseen < heap.threshold()) return result;
    result.certificate = {false, std::max(unseen, heap.threshold())};
    RETURN_IF_ERROR(CompleteHits(result.hits));
    return result;
  }

  // After an early stop a document's best passage may be among those not seen.
  absl::Status CompleteHits(std::vector<Hit>& hits) const {
    if (options_.collapse != Collapse::kDocument) return absl::OkStatus();
    for (Hit& hit : hits) {
      const Segment& segment = *snapshot_.segments[hit.segment].segment;
      ASSIGN_OR_RETURN(const QueryPlan plan, MakePlan(segment.terms(), query_, BestKernels()));
      ASSIGN_OR_RETURN(hit, BestPassage(segment, plan.resolved, hit));
    }
    std::sort(hits.begin(), hits.end(), Precedes);
    return absl::OkStatus();
  }

  const Snapshot& snapshot_;
  const QueryVector& query_;
  const SearchOptions& options_;
  const EngineTuning& tuning_;
  SearchProgress progress_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace

absl::StatusOr<TopKResult> TunedTopK(const Snapshot& snapshot, const QueryVector& query,
                                     const SearchOptions& options, const EngineTuning& tuning) {
  RETURN_IF_ERROR(Check(snapshot, query, options));
  if (options.k == 0 || query.empty()) return TopKResult{};
  return Search(snapshot, query, options, tuning).Run();
}

absl::StatusOr<TopKResult> TopK(const Snapshot& snapshot, const QueryVector& query,
                                const SearchOptions& options) {
  return TunedTopK(snapshot, query, options, EngineTuning{});
}

absl::StatusOr<uint64_t> PredictPostings(const Snapshot& snapshot, const QueryVector& query) {
  uint64_t postings = 0;
  for (const LiveSegment& live : snapshot.segments) {
    const TermIndex& terms = live.segment->terms();
    for (const QueryTerm& term : query) {
      ASSIGN_OR_RETURN(const std::optional<TermOrdinal> ordinal, terms.Find(term.key));
      if (!ordinal.has_value()) continue;
      ASSIGN_OR_RETURN(const uint32_t df, terms.DocumentFrequency(*ordinal));
      postings += df;
    }
  }
  return postings;
}

}  // namespace foraker::index
