// What a text costs in tokens where no tokenizer is at hand. Pure functions.

#ifndef FORAKER_AGENT_TOKENS_H_
#define FORAKER_AGENT_TOKENS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/llm/chat.h"

namespace foraker::agent {

// One and a half a word, as passages are measured when they are cut (retrieval/passage_cutter.h).
// Words are runs without white space.
uint32_t CountTokens(std::string_view text);

// More than a chat model makes of a prompt: a token for every two ASCII bytes (English has four to
// a token, digits one or more) and for every byte of other letters, and what a chat template puts
// around each message.
uint64_t PromptTokensAtMost(std::span<const ChatMessage> messages);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_TOKENS_H_
