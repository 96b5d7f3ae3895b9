// The arguments of a tool as a language model writes them: a JSON object of strings, or what is
// left of one.
//
// Understood beside JSON: code fences, single and curly quotes, names without quotes, trailing
// commas, line breaks and unescaped quotes inside a string, an end that is missing, and the
// arguments of a call, (search_query="..."). One pass without recursion; values that are no strings
// are passed over. Pure function.

#ifndef FORAKER_AGENT_LLM_TOOL_ARGS_H_
#define FORAKER_AGENT_LLM_TOOL_ARGS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foraker::agent {

struct ToolArgs {
  std::vector<std::pair<std::string, std::string>> members;  // the strings, in order
  bool strict = false;  // the text was a JSON object and nothing else

  const std::string* Find(std::string_view name) const;
};

// Null: there is no object in it.
std::optional<ToolArgs> ReadToolArgs(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_TOOL_ARGS_H_
