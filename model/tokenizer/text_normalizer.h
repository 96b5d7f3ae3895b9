// What is done to a stretch of text before it is cut into pieces, and where the plain range (see
// decoder_tokenizer.h) is afterwards: a change that touches the range is in it whole.
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_MODEL_TOKENIZER_TEXT_NORMALIZER_H_
#define FORAKER_MODEL_TOKENIZER_TEXT_NORMALIZER_H_

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/tokenizer/text_range.h"

namespace foraker::model {

struct PrependStep {  // nothing stands before an empty text
  std::string text;
};
struct ReplaceStep {
  std::string from;  // not empty
  std::string to;
};
struct NfcStep {};
using NormalizerStep = std::variant<PrependStep, ReplaceStep, NfcStep>;

// U+FFFD for each sequence of bytes that is not UTF-8, as ICU delimits them.
void ReplaceInvalid(std::string& text, TextRange& plain);

class TextNormalizer {
 public:
  explicit TextNormalizer(std::vector<NormalizerStep> steps) : steps_(std::move(steps)) {}

  bool empty() const { return steps_.empty(); }
  // In place. `text` is UTF-8.
  void Apply(std::string& text, TextRange& plain) const;

 private:
  std::vector<NormalizerStep> steps_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_TEXT_NORMALIZER_H_
