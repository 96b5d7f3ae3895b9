// The answer as a language model writes it, after FrugalRAG's chain of thought:
//
//   Reasoning: The bridge was designed by Ingrid Solvay [1], who was born in Sandvale [3].
//   Passages: [1] [3]
//   Answer: Sandvale
//
// Understood as well: labels in other spellings, passages named in the reasoning alone, a short
// reply that is nothing but the answer. Pure function. Errors: kInvalidArgument, saying to the
// model what is expected.

#ifndef FORAKER_AGENT_LLM_ANSWER_REPLY_H_
#define FORAKER_AGENT_LLM_ANSWER_REPLY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace foraker::agent {

struct AnswerReply {
  std::string reasoning;
  std::string answer;            // empty: "not found"
  std::vector<size_t> passages;  // numbers as given, from 1, each once
};

inline constexpr size_t kMaxAnswerBytes = 400;

// `passages`: how many there are; other numbers are not taken.
absl::StatusOr<AnswerReply> ParseAnswerReply(std::string_view reply, size_t passages);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_ANSWER_REPLY_H_
