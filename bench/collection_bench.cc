// Times searches of a collection's text queries beside a plain float scan of the same segment, one
// thread, top-10 passages, warm.
//
//   collection_bench DIR COLLECTION QUERIES
//
// DIR: a data directory whose collection has one segment; QUERIES: a text a line. Scores must be
// those of the float scan, bit for bit, or the program fails.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "bench/float_scan.h"
#include "bench/query_timing.h"
#include "index/query/engine_tuning.h"
#include "index/store/catalog.h"
#include "retrieval/collection_view.h"
#include "retrieval/encoder_store.h"
#include "retrieval/search_run.h"

namespace foraker::bench {
namespace {

absl::StatusOr<std::vector<index::QueryVector>> ReadQueries(const std::string& path,
                                                            const retrieval::CollectionView& view) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path + ": cannot be read");
  std::vector<index::QueryVector> queries;
  for (std::string line; std::getline(file, line);) {
    retrieval::TextQuery text;
    text.text = line;
    ASSIGN_OR_RETURN(retrieval::BuiltQuery built, retrieval::BuildQuery(view, text));
    if (!built.vector.empty()) queries.push_back(std::move(built.vector));
  }
  return queries;
}

absl::Status TimeVariant(const std::string& name, const index::EngineTuning& tuning,
                         const index::Snapshot& snapshot,
                         const std::vector<index::QueryVector>& queries, uint64_t postings,
                         FloatScan& scan) {
  index::SearchOptions options;
  options.collapse = index::Collapse::kNone;
  Line line{name, {}, {}};
  for (size_t q = 0; q < queries.size(); ++q) {
    ASSIGN_OR_RETURN(const index::TopKResult result,
                     index::TunedTopK(snapshot, queries[q], options, tuning));
    const auto expected = scan.Search(queries[q], options.k);
    bool same = result.hits.size() == expected.size();
    for (size_t i = 0; same && i < expected.size(); ++i) {
      same = result.hits[i].score == expected[i].first;
    }
    if (!same) return absl::InternalError(absl::StrFormat("%s: query %d differs", name, q));
    line.total.postings_scanned += result.stats.postings_scanned;
    line.total.passages_rescored += result.stats.passages_rescored;
    line.total.blocks_scanned += result.stats.blocks_scanned;
  }
  line.ms = TimeQueries(queries.size(), 5, [&](size_t q) {
    if (!index::TunedTopK(snapshot, queries[q], options, tuning).ok()) std::abort();
  });
  Print(line, postings);
  return absl::OkStatus();
}

absl::Status Run(const std::string& dir, const std::string& collection, const std::string& path) {
  ASSIGN_OR_RETURN(const auto catalog, index::Catalog::Open(dir, index::OpenMode::kRead));
  ASSIGN_OR_RETURN(const auto snapshot, catalog->Current(collection));
  if (snapshot->segments.size() != 1) {
    return absl::InvalidArgumentError("the collection must have one segment");
  }
  const index::Segment& segment = *snapshot->segments[0].segment;
  PrintSections(segment.file(), segment.num_passages());
  ASSIGN_OR_RETURN(const auto view,
                   retrieval::OpenView(snapshot, nullptr,
                                       std::make_shared<retrieval::EncoderStore>(catalog->dir())));
  ASSIGN_OR_RETURN(const std::vector<index::QueryVector> queries, ReadQueries(path, *view));
  uint64_t postings = 0;
  for (const index::QueryVector& query : queries) {
    ASSIGN_OR_RETURN(const uint64_t n, index::PredictPostings(*snapshot, query));
    postings += n;
  }
  PrintHeader(queries.size(), postings);
  ASSIGN_OR_RETURN(FloatScan scan, FloatScan::Make(segment.terms(), queries));
  Line plain{"float term at a time", {}, {}};
  plain.ms = TimeQueries(queries.size(), 3, [&](size_t q) { scan.Search(queries[q], 10); });
  Print(plain, postings);

  index::EngineTuning windows;
  windows.block_bounds = false;
  RETURN_IF_ERROR(TimeVariant("windowed scan", windows, *snapshot, queries, postings, scan));
  return TimeVariant("+ block bounds", {}, *snapshot, queries, postings, scan);
}

}  // namespace
}  // namespace foraker::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: collection_bench DIR COLLECTION QUERIES\n");
    return 2;
  }
  const absl::Status status = foraker::bench::Run(argv[1], argv[2], argv[3]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "collection_bench: %s\n", std::string(status.message()).c_str());
  return 1;
}
