#include "retrieval/eval/qrels.h"

#include <optional>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "retrieval/eval/columns.h"

namespace foraker::retrieval {
namespace {

bool IsHeader(uint64_t line, const Columns& columns) {
  return line == 1 && columns.size() == 3 && !ParseInteger(columns[2]).has_value();
}

}  // namespace

absl::StatusOr<Qrels> ParseQrels(std::string_view text, std::string_view file_name) {
  Qrels qrels;
  const auto add = [&](uint64_t line, const Columns& columns) -> absl::Status {
    if (IsHeader(line, columns)) return absl::OkStatus();
    if (columns.size() != 3 && columns.size() != 4) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "expected query, document, grade or query, iteration, document, grade, found %d columns",
          columns.size()));
    }
    const std::string_view document = columns[columns.size() - 2];
    if (columns[0].empty() || document.empty()) {
      return absl::InvalidArgumentError("expected a query and a document, found an empty column");
    }
    const std::optional<int> grade = ParseInteger(columns.back());
    if (!grade.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("expected a whole number as grade, found \"%s\"", columns.back()));
    }
    const auto [at, added] = qrels[std::string(columns[0])].emplace(std::string(document), *grade);
    if (!added && at->second != *grade) {
      return absl::InvalidArgumentError(
          absl::StrFormat("document \"%s\" has grade %d for query \"%s\" already", document,
                          at->second, columns[0]));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ForEachLine(text, file_name, add));
  return qrels;
}

absl::StatusOr<Qrels> ReadQrels(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMaxFileBytes));
  return ParseQrels(text, path);
}

}  // namespace foraker::retrieval
