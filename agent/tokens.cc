#include "agent/tokens.h"

#include <algorithm>

namespace foraker::agent {

uint32_t CountTokens(std::string_view text) {
  uint32_t words = 0;
  bool inside = false;
  for (const char byte : text) {
    const bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
    if (!space && !inside) ++words;
    inside = !space;
  }
  return (words * 3 + 1) / 2;
}

uint64_t PromptTokensAtMost(std::span<const ChatMessage> messages) {
  constexpr uint64_t kTemplateTokens = 16;  // of a message: role, separators, a share of preambles
  uint64_t tokens = kTemplateTokens;
  for (const ChatMessage& message : messages) {
    const auto ascii = static_cast<uint64_t>(
        std::count_if(message.content.begin(), message.content.end(),
                      [](char byte) { return static_cast<unsigned char>(byte) < 0x80; }));
    tokens += kTemplateTokens + (ascii + 1) / 2 + (message.content.size() - ascii);
  }
  return tokens;
}

}  // namespace foraker::agent
