// Files of queries, one JSON object a line, as `foraker eval` and `foraker bench` read them:
//
//   {"_id": "q1", "text": "..."}                       BEIR
//   {"id": "q1", "vector": {"token": weight, ...}}     imported terms, weights > 0
//
// Question sets say what the right answer is: "answer" (a string, or a list of them) and other
// forms of it under "aliases" (a list). Other keys are ignored. Errors: kNotFound for the file,
// kInvalidArgument "FILE:LINE: what was expected", also for an id that comes twice.

#ifndef FORAKER_SERVICES_CLI_QUERY_FILE_H_
#define FORAKER_SERVICES_CLI_QUERY_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "retrieval/api/searcher.h"

namespace foraker::cli {

struct NamedQuery {
  std::string id;
  retrieval::Query query;  // a TextQuery or a SparseQuery
  std::vector<std::string> answers;
};

// One line of such a file; the error says what was expected, not where.
absl::StatusOr<NamedQuery> ParseQuery(std::string_view line);

absl::StatusOr<std::vector<NamedQuery>> ReadQueries(const std::string& path);

// The terms of {"token": weight, ...} as JSON text. kInvalidArgument says what was expected.
absl::StatusOr<retrieval::SparseQuery> ParseImportedTerms(const std::string& json);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_QUERY_FILE_H_
