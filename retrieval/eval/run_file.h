// Runs: what a system returned for each query, as TREC's six columns
// (query, Q0, document, rank, score, tag).
//
// Separated by tabs where a line has any, else by white space; written with tabs only when an
// identifier holds white space. The rank column is not read: order is that of the scores
// (retrieval/eval/metrics.h). Errors: kNotFound for the file, kInvalidArgument "FILE:LINE: what
// was expected" (a document twice for one query, a score that is no finite number), kInternal when
// the file cannot be written.

#ifndef FORAKER_RETRIEVAL_EVAL_RUN_FILE_H_
#define FORAKER_RETRIEVAL_EVAL_RUN_FILE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace foraker::retrieval {

struct ScoredDocument {
  std::string id;
  float score;

  friend bool operator==(const ScoredDocument&, const ScoredDocument&) = default;
};

using Ranking = std::vector<ScoredDocument>;
using Run = std::map<std::string, Ranking, std::less<>>;  // query -> hits; a query without: empty

absl::StatusOr<Run> ParseRun(std::string_view text, std::string_view file_name);
absl::StatusOr<Run> ReadRun(const std::string& path);

// Lines of one query, ranks from 1 in the order given.
std::string FormatRanking(std::string_view query, const Ranking& ranking, std::string_view tag);
absl::Status WriteRun(const Run& run, std::string_view tag, const std::string& path);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_EVAL_RUN_FILE_H_
