#include "agent/tokens.h"

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

}  // namespace foraker::agent
