#include "services/cli/rank_input.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/ingest/line_reader.h"

namespace foraker::cli {
namespace {

using Json = nlohmann::json;

constexpr size_t kBatchBytes = size_t{1} << 20;

// A member that is a string; empty where it is not there.
absl::StatusOr<std::string> Text(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::string();
  if (!found->is_string()) {
    return absl::InvalidArgumentError(absl::StrFormat("expected a string under \"%s\"", name));
  }
  return found->get<std::string>();
}

absl::Status ReadLine(const retrieval::Line& line, RankInput& input) {
  if (line.too_long) return absl::InvalidArgumentError("the line is longer than 64 MiB");
  return ParseRankDocument(line.text, input);
}

}  // namespace

absl::Status ParseRankDocument(std::string_view line, RankInput& input) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return absl::InvalidArgumentError("expected a JSON object, in UTF-8");
  ASSIGN_OR_RETURN(std::string id, Text(json, json.contains("_id") ? "_id" : "id"));
  if (id.empty()) {
    return absl::InvalidArgumentError("expected a string under \"_id\" or \"id\"");
  }
  retrieval::RankDocument document;
  ASSIGN_OR_RETURN(document.title, Text(json, "title"));
  ASSIGN_OR_RETURN(document.text, Text(json, "text"));
  if (retrieval::IsBlank(document)) {
    return absl::InvalidArgumentError(absl::StrFormat("\"%s\" has neither a title nor a text", id));
  }
  input.ids.push_back(std::move(id));
  input.documents.push_back(std::move(document));
  return absl::OkStatus();
}

absl::StatusOr<RankInput> ReadRankInput(const std::string& path) {
  retrieval::LineReader reader({path});
  RankInput input;
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<retrieval::LineBatch> batch, reader.Next(kBatchBytes));
    if (!batch.has_value()) break;
    for (const retrieval::Line& line : batch->lines) {
      const absl::Status status = ReadLine(line, input);
      if (!status.ok()) {
        return base::Annotate(status, absl::StrFormat("%s:%d", path, line.number));
      }
    }
  }
  if (input.ids.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: holds no documents", path));
  }
  return input;
}

}  // namespace foraker::cli
