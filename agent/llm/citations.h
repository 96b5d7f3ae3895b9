// The places in the passages read that an answer rests on.
//
// First those that hold the answer's very words (case and the language's word borders respected as
// people do: "Rome" is in "rome," and not in "Romero"), where the model named the passage before
// where it did not; then what the model named besides, by the sentence that shares most words with
// its reasoning, unless these passages lack more than half of the answer's words: a model may name
// passages for what it made up. Ranges are of the document's text. Pure function.

#ifndef FORAKER_AGENT_LLM_CITATIONS_H_
#define FORAKER_AGENT_LLM_CITATIONS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "agent/answer/answerer.h"
#include "agent/llm/answer_reply.h"

namespace foraker::agent {

inline constexpr size_t kMaxCitations = 5;

struct CitedAnswer {
  std::vector<Citation> citations;  // empty: nothing that was read supports the answer
  bool in_named = false;            // a passage that the model named holds the answer's words
  bool in_any = false;              // some passage does
};

CitedAnswer CiteAnswer(const AnswerReply& reply, std::span<const ReadPassage> passages);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_CITATIONS_H_
