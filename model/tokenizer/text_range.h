// Bytes of a text, half open.

#ifndef FORAKER_MODEL_TOKENIZER_TEXT_RANGE_H_
#define FORAKER_MODEL_TOKENIZER_TEXT_RANGE_H_

#include <cstddef>

namespace foraker::model {

struct TextRange {
  size_t begin = 0;
  size_t end = 0;

  bool empty() const { return begin >= end; }
  // Whether a byte is in both.
  bool Overlaps(size_t other_begin, size_t other_end) const {
    return begin < other_end && other_begin < end && begin < end && other_begin < other_end;
  }
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_TEXT_RANGE_H_
