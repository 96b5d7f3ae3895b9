// Few-shot examples of the llm planner: whole runs, which show a model the steps' form and when to
// stop. As a file: JSON lines, one example each; empty lines are skipped.
//
//   {"question": "...",
//    "passages": ["Title | text", ...],              what the search for the question itself found
//    "steps": [{"thought": "...", "search_query": "...", "passages": ["Title | text", ...]},
//              {"thought": "..."}]}                   the last step has no search: it finishes
//
// Immutable. Errors: kInvalidArgument, "NAME:LINE: MEMBER: what was expected".

#ifndef FORAKER_AGENT_LLM_EXAMPLES_H_
#define FORAKER_AGENT_LLM_EXAMPLES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace foraker::agent {

struct ExampleStep {
  std::string thought;
  std::string search_query;  // empty: the step finishes
  std::vector<std::string> passages;
};

struct Example {
  std::string question;
  std::vector<std::string> passages;
  std::vector<ExampleStep> steps;
};

inline constexpr size_t kMaxExamples = 32;
inline constexpr size_t kMaxExampleBytes = size_t{64} << 10;  // of a line

// `name` stands in errors.
absl::StatusOr<std::vector<Example>> ParseExamples(std::string_view text, std::string_view name);

// Those of a planner that is given none, in the file's format.
std::string_view BuiltInExamples();

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_EXAMPLES_H_
