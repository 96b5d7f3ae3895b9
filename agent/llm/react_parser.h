// A step of FrugalRAG's ReAct loop as a language model writes it:
//
//   Thought: I should look up who directed the film.
//   Tool Name: AdvancedSearch
//   Tool Args: {"search_query": "director of the film"}
//
// Damage that leaves no doubt is repaired: labels in other spellings or in one line, a missing name
// of the tool, arguments that are almost JSON (tool_args.h), a call written as one JSON object or
// as a function's. Of several steps at once the first counts, and an observation that the model
// made up is cut off. Pure function.
//
// Errors: kInvalidArgument, saying to the model what was wrong and what is expected.

#ifndef FORAKER_AGENT_LLM_REACT_PARSER_H_
#define FORAKER_AGENT_LLM_REACT_PARSER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/trajectory.h"

namespace foraker::agent {

inline constexpr std::string_view kSearchTool = "AdvancedSearch";
inline constexpr std::string_view kFinishTool = "finish";
inline constexpr std::string_view kQueryArgument = "search_query";
inline constexpr size_t kMaxQueryBytes = 1000;
inline constexpr size_t kMaxThoughtBytes = 4000;  // longer ones are cut

struct ReactStep {
  std::string thought;  // one line
  Tool tool = Tool::kSearch;
  std::string query;    // of kSearch: one line
  bool strict = false;  // nothing was repaired
};

// `may_finish`: the tool `finish` was offered.
absl::StatusOr<ReactStep> ParseReactReply(std::string_view reply, bool may_finish);

// As a model should write it.
std::string FormatReactStep(std::string_view thought, Tool tool, std::string_view query);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_REACT_PARSER_H_
