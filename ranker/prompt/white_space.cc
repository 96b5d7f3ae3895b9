#include "ranker/prompt/white_space.h"

#include <cstddef>

#include "model/tokenizer/utf8.h"

namespace foraker::ranker {

bool IsWhiteSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x3000;
}

std::string_view StripWhiteSpace(std::string_view text) {
  size_t begin = text.size();
  size_t end = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t character = at;
    if (IsWhiteSpace(model::NextCharacter(text, at))) continue;
    if (begin == text.size()) begin = character;
    end = at;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::string_view SkipWhiteSpace(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    if (!IsWhiteSpace(model::NextCharacter(text, at))) return text.substr(begin);
  }
  return {};
}

}  // namespace foraker::ranker
