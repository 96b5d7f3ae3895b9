// Texts side by side without padding: what one pass of the transformer works on.

#ifndef FORAKER_MODEL_ENCODER_TEXT_PACK_H_
#define FORAKER_MODEL_ENCODER_TEXT_PACK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace foraker::model {

// Rows [begin, end) of a pack: [CLS], the text's tokens, [SEP].
struct PackedText {
  size_t begin;
  size_t end;
  size_t index;  // of the text among those of the call

  size_t size() const { return end - begin; }
};

struct TextPack {
  std::vector<uint32_t> ids;  // [rows]
  std::vector<PackedText> texts;

  size_t rows() const { return ids.size(); }
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ENCODER_TEXT_PACK_H_
