#include "services/cli/query_file.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::cli {
namespace {

using Json = nlohmann::json;

absl::StatusOr<retrieval::SparseQuery> ImportedTerms(const Json& json) {
  if (!json.is_object())
    return absl::InvalidArgumentError("expected an object {\"token\": weight, ...}");
  retrieval::SparseQuery query;
  for (const auto& [token, weight] : json.items()) {
    const double value = weight.is_number() ? weight.get<double>() : 0;
    if (!(value > 0) || !std::isfinite(value))
      return absl::InvalidArgumentError(
          absl::StrFormat("the weight of \"%s\" is not a number above 0", token));
    query.terms.push_back(
        {retrieval::NamedTerm::Kind::kImported, token, static_cast<float>(value)});
  }
  return query;
}

// Only evaluations of answers look at them, so that no other form is an error.
void AddAnswers(const Json& json, std::vector<std::string>& answers) {
  if (json.is_string()) answers.push_back(json.get<std::string>());
  if (!json.is_array()) return;
  for (const Json& element : json)
    if (element.is_string()) answers.push_back(element.get<std::string>());
}

}  // namespace

absl::StatusOr<retrieval::SparseQuery> ParseImportedTerms(const std::string& json) {
  return ImportedTerms(Json::parse(json, nullptr, false));
}

absl::StatusOr<NamedQuery> ParseQuery(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return absl::InvalidArgumentError("expected a JSON object");
  const Json id = json.contains("_id") ? json["_id"] : json.value("id", Json());
  if (!id.is_string() || id.get_ref<const std::string&>().empty())
    return absl::InvalidArgumentError("expected a string under \"_id\" or \"id\"");
  NamedQuery query;
  query.id = id.get<std::string>();
  if (json.contains("vector")) {
    ASSIGN_OR_RETURN(query.query, ImportedTerms(json["vector"]));
  } else if (json.contains("text") && json["text"].is_string()) {
    query.query = retrieval::TextQuery{json["text"].get<std::string>(), {}, {}};
  } else {
    return absl::InvalidArgumentError("expected a string under \"text\" or an object \"vector\"");
  }
  AddAnswers(json.value("answer", Json()), query.answers);
  AddAnswers(json.value("aliases", Json()), query.answers);
  return query;
}

absl::StatusOr<std::vector<NamedQuery>> ReadQueries(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrFormat("%s: cannot be read", path));
  std::vector<NamedQuery> queries;
  absl::flat_hash_set<std::string> ids;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = absl::StrFormat("%s:%d", path, number);
    absl::StatusOr<NamedQuery> query = ParseQuery(line);
    if (!query.ok()) return base::Annotate(query.status(), where);
    if (!ids.insert(query->id).second)
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: the query \"%s\" comes twice", where, query->id));
    queries.push_back(*std::move(query));
  }
  if (queries.empty()) return absl::InvalidArgumentError(path + ": holds no queries");
  return queries;
}

}  // namespace foraker::cli
