// What a text costs in tokens where no tokenizer is at hand: one and a half a word, as passages are
// measured when they are cut (retrieval/passage_cutter.h). Words are runs without white space.

#ifndef FORAKER_AGENT_TOKENS_H_
#define FORAKER_AGENT_TOKENS_H_

#include <cstdint>
#include <string_view>

namespace foraker::agent {

uint32_t CountTokens(std::string_view text);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_TOKENS_H_
