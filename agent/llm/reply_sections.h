// A reply of a language model, split at the labels that begin its lines:
//
//   Thought: I need ...          label "thought", text "I need ..."
//   **Tool Name:** finish        label "tool name", text "finish"
//
// Labels are given in lower case, in any of their spellings; case, marks of emphasis, a number and
// DSPy's brackets ("[[ ## thought ## ]]") around them do not matter. What stands before the first
// label is a section without one. Pure functions.

#ifndef FORAKER_AGENT_LLM_REPLY_SECTIONS_H_
#define FORAKER_AGENT_LLM_REPLY_SECTIONS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace foraker::agent {

struct ReplyLabel {
  int id = 0;
  std::string_view spelling;  // lower case: "tool name"
};

struct ReplySection {
  int id = 0;              // 0: no label
  std::string_view label;  // as it stands in the reply
  std::string_view text;   // without white space around it
};

// Views into `reply`. Ids of labels are above 0.
std::vector<ReplySection> SplitReply(std::string_view reply, std::span<const ReplyLabel> labels);

// What a reasoning model says after its "<think>...</think>"; empty where that has no end.
std::string_view AfterThinking(std::string_view reply);

// Without white space, quotes, backticks and marks of emphasis around it.
std::string_view StripMarks(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_REPLY_SECTIONS_H_
