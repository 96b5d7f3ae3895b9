// The letters by which byte-level vocabularies write bytes: those that can be seen stand for
// themselves as a character of Latin-1, the others follow from U+0100 on in order (GPT-2's
// bytes_to_unicode). "Ġthe" is " the".

#ifndef FORAKER_MODEL_TOKENIZER_BYTE_LETTERS_H_
#define FORAKER_MODEL_TOKENIZER_BYTE_LETTERS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/tokenizer/utf8.h"

namespace foraker::model {

class ByteLetters {
 public:
  ByteLetters() {
    constexpr auto kSeen = [](uint32_t b) {
      return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    };
    uint32_t next = 0x100;
    bytes_.fill(-1);
    for (uint32_t byte = 0; byte < 256; ++byte) {
      bytes_[kSeen(byte) ? byte : next++] = static_cast<int16_t>(byte);
    }
  }

  // Nothing when one of the letters stands for no byte.
  std::optional<std::string> BytesOf(std::string_view letters) const {
    std::string bytes;
    for (size_t at = 0; at < letters.size();) {
      const char32_t letter = NextCharacter(letters, at);
      if (letter >= bytes_.size() || bytes_[letter] < 0) return std::nullopt;
      bytes.push_back(static_cast<char>(bytes_[letter]));
    }
    return bytes;
  }

 private:
  std::array<int16_t, 0x100 + 68> bytes_{};  // [letter], -1 for none; 68 bytes are not seen
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_BYTE_LETTERS_H_
