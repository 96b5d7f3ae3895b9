#include "bench/query_timing.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace foraker::bench {
namespace {

double ThreadMs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

}  // namespace

std::vector<double> TimeQueries(size_t queries, size_t repeat,
                                const std::function<void(size_t)>& run) {
  for (size_t q = 0; q < queries; ++q) run(q);
  std::vector<std::vector<double>> runs(queries);
  for (size_t r = 0; r < repeat; ++r) {
    for (size_t q = 0; q < queries; ++q) {
      const double start = ThreadMs();
      run(q);
      runs[q].push_back(ThreadMs() - start);
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& ms : runs) {
    std::nth_element(ms.begin(), ms.begin() + static_cast<ptrdiff_t>(ms.size() / 2), ms.end());
    medians.push_back(ms[ms.size() / 2]);
  }
  return medians;
}

void PrintHeader(size_t queries, uint64_t postings) {
  std::printf("%zu queries, %.0f postings a query\n", queries,
              static_cast<double>(postings) / static_cast<double>(queries));
  std::printf("%-34s %8s %8s %8s %9s %10s %8s %8s\n", "ms a query, top-10", "mean", "p50", "p99",
              "ns/post.", "scanned", "rescored", "blocks");
}

void Print(const Line& line, uint64_t postings) {
  std::vector<double> sorted = line.ms;
  std::sort(sorted.begin(), sorted.end());
  const double sum = std::accumulate(sorted.begin(), sorted.end(), 0.0);
  const auto n = static_cast<double>(sorted.size());
  std::printf("%-34s %8.3f %8.3f %8.3f %9.3f %10.0f %8.1f %8.0f\n", line.name.c_str(), sum / n,
              sorted[sorted.size() / 2], sorted[sorted.size() * 99 / 100],
              sum * 1e6 / static_cast<double>(postings),
              static_cast<double>(line.total.postings_scanned) / n,
              static_cast<double>(line.total.passages_rescored) / n,
              static_cast<double>(line.total.blocks_scanned) / n);
  std::fflush(stdout);
}

void PrintSections(const index::SectionFile& file, uint32_t passages) {
  std::printf("%u passages, %.1f bytes a passage:", passages,
              static_cast<double>(file.file_bytes()) / passages);
  for (const index::SectionFile::Info& section : file.sections()) {
    std::printf(" %s %.1f", std::string(index::SectionName(section.id)).c_str(),
                static_cast<double>(section.length) / passages);
  }
  std::printf("\n");
}

}  // namespace foraker::bench
