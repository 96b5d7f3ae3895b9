// Documents that are to be ranked, from JSON lines {"_id", "title", "text"}.

#ifndef FORAKER_SERVICES_CLI_RANK_INPUT_H_
#define FORAKER_SERVICES_CLI_RANK_INPUT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "retrieval/api/reranker.h"

namespace foraker::cli {

// As many ids as documents.
struct RankInput {
  std::vector<std::string> ids;
  std::vector<retrieval::RankDocument> documents;
};

// One line: "_id" (or "id") and at least one of "title" and "text", all strings; other keys are
// passed over. kInvalidArgument says what was expected.
absl::Status ParseRankDocument(std::string_view line, RankInput& input);

// A file, plain, gzip or zstd; "-" is standard input. kInvalidArgument "FILE:LINE: ...", kNotFound.
absl::StatusOr<RankInput> ReadRankInput(const std::string& path);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_RANK_INPUT_H_
