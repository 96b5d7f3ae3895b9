#include "agent/llm/examples.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

using Json = nlohmann::json;

absl::Status Expected(std::string_view member, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(member), ": expected ", base::ToAbsl(what)));
}

absl::Status CheckMembers(const Json& object, std::string_view place,
                          std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Expected(absl::StrCat(base::ToAbsl(place), name), "no such member");
    }
  }
  return absl::OkStatus();
}

// Required, and not blank.
absl::StatusOr<std::string> ReadString(const Json& object, std::string_view place,
                                       const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string() ||
      absl::StripAsciiWhitespace(found->get_ref<const std::string&>()).empty()) {
    return Expected(absl::StrCat(base::ToAbsl(place), name), "a string that is not blank");
  }
  return found->get<std::string>();
}

absl::StatusOr<std::vector<std::string>> ReadPassages(const Json& object, std::string_view place) {
  const std::string member = absl::StrCat(base::ToAbsl(place), "passages");
  const auto found = object.find("passages");
  if (found == object.end() || !found->is_array()) return Expected(member, "an array of strings");
  std::vector<std::string> passages;
  for (const Json& passage : *found) {
    if (!passage.is_string()) return Expected(member, "an array of strings");
    passages.push_back(passage.get<std::string>());
  }
  return passages;
}

absl::StatusOr<ExampleStep> ReadStep(const Json& json, std::string_view place, bool last) {
  if (!json.is_object()) return Expected(place.substr(0, place.size() - 1), "an object");
  RETURN_IF_ERROR(CheckMembers(json, place, {"thought", "search_query", "passages"}));
  ExampleStep step;
  ASSIGN_OR_RETURN(step.thought, ReadString(json, place, "thought"));
  if (last) {
    if (json.size() != 1)
      return Expected(place.substr(0, place.size() - 1), "a thought alone, for it is the last");
    return step;
  }
  ASSIGN_OR_RETURN(step.search_query, ReadString(json, place, "search_query"));
  ASSIGN_OR_RETURN(step.passages, ReadPassages(json, place));
  return step;
}

absl::StatusOr<Example> ReadExample(std::string_view line) {
  if (line.size() > kMaxExampleBytes) {
    return Expected("line", absl::StrCat("at most ", kMaxExampleBytes, " bytes"));
  }
  const Json json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Expected("line", "a JSON object");
  RETURN_IF_ERROR(CheckMembers(json, "", {"question", "passages", "steps"}));
  Example example;
  ASSIGN_OR_RETURN(example.question, ReadString(json, "", "question"));
  ASSIGN_OR_RETURN(example.passages, ReadPassages(json, ""));
  const auto steps = json.find("steps");
  if (steps == json.end() || !steps->is_array() || steps->empty()) {
    return Expected("steps", "an array that is not empty");
  }
  for (size_t i = 0; i < steps->size(); ++i) {
    const std::string place = absl::StrCat("steps[", i, "].");
    ASSIGN_OR_RETURN(ExampleStep step, ReadStep((*steps)[i], place, i + 1 == steps->size()));
    example.steps.push_back(std::move(step));
  }
  return example;
}

}  // namespace

absl::StatusOr<std::vector<Example>> ParseExamples(std::string_view text, std::string_view name) {
  std::vector<Example> examples;
  for (size_t begin = 0, number = 1; begin < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (absl::StripAsciiWhitespace(base::ToAbsl(line)).empty()) continue;
    const std::string place = absl::StrCat(base::ToAbsl(name), ":", number);
    if (examples.size() == kMaxExamples) {
      return base::Annotate(Expected("file", absl::StrCat("at most ", kMaxExamples, " examples")),
                            place);
    }
    absl::StatusOr<Example> example = ReadExample(line);
    if (!example.ok()) return base::Annotate(example.status(), place);
    examples.push_back(*std::move(example));
  }
  if (examples.empty()) {
    return base::Annotate(Expected("file", "an example at least"), name);
  }
  return examples;
}

}  // namespace foraker::agent
