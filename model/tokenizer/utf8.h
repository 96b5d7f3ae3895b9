// Characters of arbitrary bytes: what is not UTF-8 counts as U+FFFD.

#ifndef FORAKER_MODEL_TOKENIZER_UTF8_H_
#define FORAKER_MODEL_TOKENIZER_UTF8_H_

#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace foraker::model {

// The character at `at`, which moves behind it. Texts below 2 GiB.
inline char32_t NextCharacter(std::string_view text, size_t& at) {
  auto i = static_cast<int32_t>(at);
  UChar32 c;
  U8_NEXT_OR_FFFD(text.data(), i, static_cast<int32_t>(text.size()), c);
  at = static_cast<size_t>(i);
  return static_cast<char32_t>(c);
}

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_UTF8_H_
