#include "retrieval/eval/run_file.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "retrieval/eval/columns.h"

namespace foraker::retrieval {
namespace {

bool HoldsSpace(std::string_view text) {
  return text.find_first_of(" \v\f\r") != std::string_view::npos;
}

}  // namespace

absl::StatusOr<Run> ParseRun(std::string_view text, std::string_view file_name) {
  Run run;
  absl::flat_hash_set<std::pair<std::string, std::string>> seen;
  const auto add = [&](uint64_t, const Columns& columns) -> absl::Status {
    if (columns.size() != 6) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "expected query, Q0, document, rank, score, tag, found %d columns", columns.size()));
    }
    if (columns[0].empty() || columns[2].empty()) {
      return absl::InvalidArgumentError("expected a query and a document, found an empty column");
    }
    const std::optional<float> score = ParseFinite(columns[4]);
    if (!score.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("expected a finite number as score, found \"%s\"", columns[4]));
    }
    if (!seen.emplace(columns[0], columns[2]).second) {
      return absl::InvalidArgumentError(
          absl::StrFormat("document \"%s\" twice for query \"%s\"", columns[2], columns[0]));
    }
    run[std::string(columns[0])].push_back({std::string(columns[2]), *score});
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ForEachLine(text, file_name, add));
  return run;
}

absl::StatusOr<Run> ReadRun(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMaxFileBytes));
  return ParseRun(text, path);
}

std::string FormatRanking(std::string_view query, const Ranking& ranking, std::string_view tag) {
  const bool spaces = HoldsSpace(query) ||
                      std::any_of(ranking.begin(), ranking.end(),
                                  [](const ScoredDocument& hit) { return HoldsSpace(hit.id); });
  const char separator = spaces ? '\t' : ' ';
  std::string lines;
  for (size_t i = 0; i < ranking.size(); ++i) {
    // Nine digits bring every float32 back.
    absl::StrAppendFormat(&lines, "%s%cQ0%c%s%c%d%c%.9g%c%s\n", query, separator, separator,
                          ranking[i].id, separator, i + 1, separator, ranking[i].score, separator,
                          tag);
  }
  return lines;
}

absl::Status WriteRun(const Run& run, std::string_view tag, const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<base::AtomicFile> file, base::AtomicFile::Create(path));
  for (const auto& [query, ranking] : run) {
    const std::string lines = FormatRanking(query, ranking, tag);
    RETURN_IF_ERROR(file->Append(std::as_bytes(std::span<const char>(lines))));
  }
  return file->Commit();
}

}  // namespace foraker::retrieval
