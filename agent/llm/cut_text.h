// The longest beginning of a UTF-8 text that has at most so many bytes and ends with a character.

#ifndef FORAKER_AGENT_LLM_CUT_TEXT_H_
#define FORAKER_AGENT_LLM_CUT_TEXT_H_

#include <cstddef>
#include <string_view>

namespace foraker::agent {

inline std::string_view CutText(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  // Bytes 10xxxxxx go on with a character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_CUT_TEXT_H_
