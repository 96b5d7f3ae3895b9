// Times the engine's steps beside a plain float scan, one thread, top-10, warm.
//
//   engine_bench --vectors PREFIX --queries PREFIX --dir DIR [--segments N] [--repeat N]
//                [--plain false] [--only NAME]
//
// PREFIX: raw CSR files (vector_matrix.h). Segments are built in DIR once and reused. Every variant
// must return the same hits and score bits as the float scan, or the program fails. With --segments
// N the collection is N copies of the vectors, a file each.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "bench/float_scan.h"
#include "bench/query_timing.h"
#include "bench/vector_matrix.h"
#include "bench/vector_segment.h"
#include "index/query/engine_tuning.h"

namespace foraker::bench {
namespace {

struct Flags {
  std::string vectors;
  std::string queries;
  std::string dir;
  size_t segments = 1;
  size_t repeat = 5;
  bool plain = true;
  std::string only;  // variants whose name contains it
};

using Results = std::vector<std::vector<std::pair<float, std::string>>>;  // [queries][k] -score, id

struct Variant {
  std::string name;
  Order order;
  index::EngineTuning tuning;
};

std::vector<Variant> Variants() {
  index::EngineTuning windows;
  windows.block_bounds = false;
  std::vector<Variant> variants = {
      {"windowed scan", Order::kArrival, windows},
      {"+ block bounds", Order::kArrival, {}},
      {"windowed scan, clustered", Order::kClustered, windows},
      {"+ block bounds, clustered", Order::kClustered, {}},
  };
  for (const size_t blocks : {size_t{8}, size_t{32}, size_t{64}}) {
    index::EngineTuning tuning;
    tuning.seed_blocks = blocks;
    variants.push_back({absl::StrFormat("  %d seed blocks", blocks), Order::kClustered, tuning});
  }
  for (const size_t growth : {size_t{2}, size_t{4}, size_t{1} << 30}) {
    index::EngineTuning tuning;
    tuning.seed_growth = growth;
    variants.push_back(
        {absl::StrFormat("  seeds growing by %d", growth), Order::kClustered, tuning});
  }
  for (const index::Kernels* kernels : index::RunnableKernels()) {
    index::EngineTuning tuning;
    tuning.kernels = kernels;
    variants.push_back(
        {absl::StrFormat("  with %s kernels", kernels->name), Order::kClustered, tuning});
  }
  return variants;
}

class EngineBench {
 public:
  explicit EngineBench(Flags flags) : flags_(std::move(flags)) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(const VectorMatrix query_matrix, VectorMatrix::Read(flags_.queries));
    for (size_t q = 0; q < query_matrix.rows(); ++q) queries_.push_back(query_matrix.QueryRow(q));
    ASSIGN_OR_RETURN(const VectorMatrix matrix, VectorMatrix::Read(flags_.vectors));
    std::vector<Variant> variants = Variants();
    std::erase_if(variants, [this](const Variant& variant) {
      return variant.name.find(flags_.only) == std::string::npos;
    });
    if (std::any_of(variants.begin(), variants.end(),
                    [](const Variant& variant) { return variant.order == Order::kArrival; })) {
      RETURN_IF_ERROR(Open(matrix, Order::kArrival, "arrival", arrival_));
    }
    RETURN_IF_ERROR(Open(matrix, Order::kClustered, "clustered", clustered_));
    const index::Segment& first = *clustered_.segments[0].segment;
    PrintSections(first.file(), first.num_passages());
    for (const index::QueryVector& query : queries_) {
      ASSIGN_OR_RETURN(const uint64_t postings, index::PredictPostings(clustered_, query));
      postings_ += postings;
    }
    PrintHeader(queries_.size(), postings_);
    RETURN_IF_ERROR(TimePlain());
    for (const Variant& variant : variants) RETURN_IF_ERROR(TimeVariant(variant));
    return absl::OkStatus();
  }

 private:
  absl::Status Open(const VectorMatrix& matrix, Order order, const std::string& name,
                    index::Snapshot& snapshot) {
    const std::string first = flags_.dir + "/" + name + ".vectors";
    for (size_t i = 0; i < flags_.segments; ++i) {
      const std::string path = i == 0 ? first : absl::StrFormat("%s.%d", first, i);
      if (i > 0 && !std::filesystem::exists(path)) std::filesystem::copy_file(first, path);
      ASSIGN_OR_RETURN(auto segment, OpenVectorSegment(matrix, order, path, Prefix(i)));
      snapshot.segments.push_back({std::move(segment), nullptr});
    }
    return absl::OkStatus();
  }

  static std::string Prefix(size_t segment) { return absl::StrFormat("s%d-", segment); }

  absl::Status TimePlain() {
    const index::Segment& segment = *clustered_.segments[0].segment;
    ASSIGN_OR_RETURN(FloatScan scan, FloatScan::Make(segment.terms(), queries_));
    expected_.resize(queries_.size());
    for (size_t q = 0; q < queries_.size(); ++q) {
      for (const auto& [score, passage] : scan.Search(queries_[q], 10)) {
        ASSIGN_OR_RETURN(const std::string_view id, segment.Id(passage));
        const std::string row(id.substr(Prefix(0).size()));
        for (size_t i = 0; i < flags_.segments; ++i) {
          expected_[q].emplace_back(-score, Prefix(i) + row);
        }
      }
      std::sort(expected_[q].begin(), expected_[q].end());
      expected_[q].resize(std::min<size_t>(expected_[q].size(), 10));
    }
    if (!flags_.plain) return absl::OkStatus();
    Line line{"float term at a time", {}, {}};
    line.ms = TimeQueries(queries_.size(), 1, [&](size_t q) { scan.Search(queries_[q], 10); });
    Print(line, postings_);
    return absl::OkStatus();
  }

  absl::Status TimeVariant(const Variant& variant) {
    const index::Snapshot& snapshot = variant.order == Order::kArrival ? arrival_ : clustered_;
    Line line{variant.name, {}, {}};
    for (size_t q = 0; q < queries_.size(); ++q) {
      ASSIGN_OR_RETURN(const index::TopKResult result,
                       index::TunedTopK(snapshot, queries_[q], {}, variant.tuning));
      line.total.postings_scanned += result.stats.postings_scanned;
      line.total.passages_rescored += result.stats.passages_rescored;
      line.total.blocks_scanned += result.stats.blocks_scanned;
      RETURN_IF_ERROR(Compare(q, result, variant.name));
    }
    line.ms = TimeQueries(queries_.size(), flags_.repeat, [&](size_t q) {
      if (!index::TunedTopK(snapshot, queries_[q], {}, variant.tuning).ok()) std::abort();
    });
    Print(line, postings_);
    return absl::OkStatus();
  }

  absl::Status Compare(size_t q, const index::TopKResult& result, const std::string& name) const {
    bool same = result.certificate.exact && result.hits.size() == expected_[q].size();
    for (size_t i = 0; same && i < result.hits.size(); ++i) {
      same = -result.hits[i].score == expected_[q][i].first &&
             base::ToAbsl(result.hits[i].id) == expected_[q][i].second;
    }
    if (same) return absl::OkStatus();
    return absl::InternalError(
        absl::StrFormat("%s: query %d differs from the float scan", name, q));
  }

  Flags flags_;
  std::vector<index::QueryVector> queries_;
  index::Snapshot arrival_;
  index::Snapshot clustered_;
  Results expected_;
  uint64_t postings_ = 0;
};

absl::StatusOr<Flags> ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--vectors") {
      flags.vectors = value;
    } else if (name == "--queries") {
      flags.queries = value;
    } else if (name == "--dir") {
      flags.dir = value;
    } else if (name == "--only") {
      flags.only = value;
    } else if (name == "--segments" && absl::SimpleAtoi(value, &flags.segments)) {
    } else if (name == "--repeat" && absl::SimpleAtoi(value, &flags.repeat)) {
    } else if (name == "--plain" && absl::SimpleAtob(value, &flags.plain)) {
    } else {
      return absl::InvalidArgumentError(absl::StrFormat("unknown flag %s %s", name, value));
    }
  }
  if (flags.vectors.empty() || flags.queries.empty() || flags.dir.empty()) {
    return absl::InvalidArgumentError(
        "usage: engine_bench --vectors PREFIX --queries PREFIX --dir DIR [--segments N] "
        "[--repeat N] [--plain true|false] [--only NAME]");
  }
  return flags;
}

int Main(int argc, char** argv) {
  const absl::StatusOr<Flags> flags = ParseFlags(argc, argv);
  const absl::Status status = flags.ok() ? EngineBench(*flags).Run() : flags.status();
  if (status.ok()) return 0;
  std::fprintf(stderr, "engine_bench: %s\n", std::string(status.message()).c_str());
  return flags.ok() ? 1 : 2;
}

}  // namespace
}  // namespace foraker::bench

int main(int argc, char** argv) { return foraker::bench::Main(argc, argv); }
