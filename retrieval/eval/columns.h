// Lines of white-space or tab separated columns, as qrels and runs are written.

#ifndef FORAKER_RETRIEVAL_EVAL_COLUMNS_H_
#define FORAKER_RETRIEVAL_EVAL_COLUMNS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace foraker::retrieval {

using Columns = std::vector<std::string_view>;

// Calls `visit(line number from 1, columns)` for every line that is not blank. Split at tabs where
// the line has any, else at runs of white space. An error of `visit` ends the walk and is returned
// as "FILE:LINE: message".
absl::Status ForEachLine(std::string_view text, std::string_view file_name,
                         const std::function<absl::Status(uint64_t, const Columns&)>& visit);

inline constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

std::optional<int> ParseInteger(std::string_view column);
std::optional<float> ParseFinite(std::string_view column);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_EVAL_COLUMNS_H_
