// What a language model is shown of a run (FrugalRAG's ReAct prompt, as turns of a chat):
//
//   system     what to do, the tools, the form of a reply
//   user       Question: ...   Observation: {"search_query": ..., "passages_this_hop": [...]}
//   assistant  Thought: ...   Tool Name: AdvancedSearch   Tool Args: {"search_query": ...}
//   user       Observation: {...}
//   ...
//
// with the examples' turns before the question's own. Turns are only ever added behind, so a server
// can keep what it has computed for the beginning. Bounded: long passages are cut and say so, and
// above the limit of a run's passages the older ones are left out, and counted in their place.
//
// Pure functions.

#ifndef FORAKER_AGENT_LLM_PROMPT_H_
#define FORAKER_AGENT_LLM_PROMPT_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/llm/chat.h"
#include "agent/llm/examples.h"
#include "agent/trajectory.h"

namespace foraker::agent {

// Bytes of UTF-8; four make about a token of English.
inline constexpr size_t kMaxShownPassageBytes = 2000;
inline constexpr size_t kMaxShownBytes = 24'000;  // of all passages of a run

// "Title | text" as it is shown, cut where it is long.
std::string ShownPassage(const Passage& passage);

// Of each passage of the run, whether it is shown: the last read, up to kMaxShownBytes.
std::vector<bool> ShownPassages(const Trajectory& trajectory);

// `may_finish`: without, the prompt has no `finish` tool (the paper's full exploration).
std::vector<ChatMessage> ReactPrompt(const Trajectory& trajectory,
                                     std::span<const Example> examples, bool may_finish);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_PROMPT_H_
