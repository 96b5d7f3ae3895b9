// The answerer with a language model: one chat call over the whole trajectory, apart from the
// planner's, as the paper makes it.
//
// One thread. Errors: the session's, and kDataLoss for a reply that holds no answer; the caller
// then falls back to the extractive answerer.

#ifndef FORAKER_AGENT_LLM_LLM_ANSWERER_H_
#define FORAKER_AGENT_LLM_LLM_ANSWERER_H_

#include <memory>

#include "agent/answer/answerer.h"

namespace foraker::agent {

std::unique_ptr<Answerer> MakeLlmAnswerer();

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_LLM_ANSWERER_H_
