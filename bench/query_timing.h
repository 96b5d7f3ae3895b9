// Times queries by processor time of the calling thread, and prints a line a variant.

#ifndef FORAKER_BENCH_QUERY_TIMING_H_
#define FORAKER_BENCH_QUERY_TIMING_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "index/query/top_k.h"
#include "index/segment/section_file.h"

namespace foraker::bench {

struct Line {
  std::string name;
  std::vector<double> ms;    // a query: the median of its runs
  index::SearchStats total;  // of one run of all queries
};

// Runs every query `repeat` times after a warm-up and keeps each query's median. What other work on
// the machine takes away does not count.
std::vector<double> TimeQueries(size_t queries, size_t repeat,
                                const std::function<void(size_t)>& run);

void PrintHeader(size_t queries, uint64_t postings);
// `postings` of all queries: what an exhaustive scan would read.
void Print(const Line& line, uint64_t postings);

// Bytes a passage, by section.
void PrintSections(const index::SectionFile& file, uint32_t passages);

}  // namespace foraker::bench

#endif  // FORAKER_BENCH_QUERY_TIMING_H_
