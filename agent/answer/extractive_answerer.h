// The answerer without a language model: the best-supported span of what was read, with the
// sentence that supports it. Makes no calls that a spent budget could refuse.
//
// One thread. Never fails because of the budget; "not found" has its reason.

#ifndef FORAKER_AGENT_ANSWER_EXTRACTIVE_ANSWERER_H_
#define FORAKER_AGENT_ANSWER_EXTRACTIVE_ANSWERER_H_

#include <memory>

#include "agent/answer/answerer.h"

namespace foraker::agent {

std::unique_ptr<Answerer> MakeExtractiveAnswerer();

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_EXTRACTIVE_ANSWERER_H_
