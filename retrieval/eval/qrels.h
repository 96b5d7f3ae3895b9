// Relevance judgements: which documents answer which query, and how well.
//
// Read from BEIR's TSV (query, document, grade; with or without a header line) or TREC's four
// columns (query, iteration, document, grade). Columns are separated by tabs where a line has any,
// else by white space, so identifiers may hold spaces in tabbed files. Grades are integers; above
// zero is relevant. Errors: kNotFound for the file, kInvalidArgument "FILE:LINE: what was
// expected".

#ifndef FORAKER_RETRIEVAL_EVAL_QRELS_H_
#define FORAKER_RETRIEVAL_EVAL_QRELS_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace foraker::retrieval {

using Grades = std::map<std::string, int, std::less<>>;    // document -> grade
using Qrels = std::map<std::string, Grades, std::less<>>;  // query -> its judgements

absl::StatusOr<Qrels> ParseQrels(std::string_view text, std::string_view file_name);
absl::StatusOr<Qrels> ReadQrels(const std::string& path);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_EVAL_QRELS_H_
