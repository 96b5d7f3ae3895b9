// The answerer with a language model: a chat call over the whole trajectory, apart from the
// planner's, as the paper makes it: some reasoning, the passages it rests on, a short answer.
//
// An answer that nothing read supports, by its words or because the model names a passage, is not
// given: the reason quotes it. Confidence: 1 where a passage that the model named holds the
// answer's words, .6 where another does, .4 where the model named passages that do not.
//
// One thread. Errors: the session's, and kDataLoss for a reply that holds no answer; the caller
// then falls back to the extractive answerer.

#ifndef FORAKER_AGENT_LLM_LLM_ANSWERER_H_
#define FORAKER_AGENT_LLM_LLM_ANSWERER_H_

#include <memory>
#include <vector>

#include "agent/answer/answerer.h"
#include "agent/llm/chat.h"

namespace foraker::agent {

std::unique_ptr<Answerer> MakeLlmAnswerer();

// What the model is shown: the trajectory with its passages numbered from 1 in the order in which
// they were read; bounded as the planner's prompt is (prompt.h).
std::vector<ChatMessage> AnswerPrompt(const Trajectory& trajectory);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_LLM_ANSWERER_H_
