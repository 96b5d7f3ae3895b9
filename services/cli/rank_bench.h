// What `foraker bench rank` measures: passes of one list through a decoder, with the processor's
// matrix rate measured between them, so that a busy machine slows both.
//
// The list: an instruction of 100 tokens, documents, a last block of 65. With the numbers of
// std::minstd_rand (seed 1) x1, x2 ..., document d has least + x[d] % (most - least + 1) tokens,
// and then, the numbers going on, each token is the next one modulo the vocabulary.

#ifndef FORAKER_SERVICES_CLI_RANK_BENCH_H_
#define FORAKER_SERVICES_CLI_RANK_BENCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ranker/decoder/decoder.h"
#include "ranker/decoder/operations.h"

namespace foraker::cli {

struct RankBenchOptions {
  std::string shape;      // of random weights; or
  std::string directory;  // of a model
  ranker::Precision precision = ranker::Precision::kF32;
  uint32_t threads = 0;  // of a pass; 0: one a processor
  uint32_t documents = 100;
  uint32_t least_tokens = 90, most_tokens = 90;  // of a document's block
  uint32_t repeats = 5;                          // after a pass that warms up
};

struct RankBenchReport {
  ranker::DecoderConfig config;
  ranker::WantedLayers layers;
  uint32_t threads = 1;
  std::vector<uint32_t> blocks;  // tokens of each
  uint32_t tokens = 0;
  uint32_t query_offset = 0;  // position of the last block
  double load_seconds = 0;
  std::vector<double> pass_seconds;  // [repeats]
  // [repeats + 1], before, between and after them; operations a second in the pass's precision
  // (bf16: f32, in which it computes).
  std::vector<double> matrix_rates;
  ranker::StepTimes steps;  // of all repeats together
  ranker::Operations operations;
  uint64_t weight_bytes = 0, rss_bytes = 0, peak_rss_bytes = 0;
  std::vector<float> scores;  // of the documents

  double median_seconds() const;
  // Operations a second over the matrix rate about the pass: the median of the repeats.
  double share_of_rate() const;
};

// kResourceExhausted: the weights do not fit into the memory that is free; kCancelled: Ctrl-C; else
// the errors of loading a model.
absl::StatusOr<RankBenchReport> RunRankBench(const RankBenchOptions& options);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_RANK_BENCH_H_
