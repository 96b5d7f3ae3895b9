// Cuts a text at sentence ends into passages that an encoder can read.
//
// Length is counted in halves of an estimated token: a word of up to 32 bytes is three halves
// (1.5 tokens, the mean of English WordPiece), and every further 32 bytes begun add three; so 256
// tokens are 170 words. A passage takes sentences while they fit. A sentence that is longer than a
// passage is cut at word ends, a word that is longer than a passage at character boundaries.
// Passages are contiguous, none is empty, and together they are the text: nothing is dropped, and
// no sentence that fits into a passage stands in two.
//
// Sentence ends are ICU's (UAX #29). One thread a cutter. Deterministic.

#ifndef FORAKER_RETRIEVAL_PASSAGE_CUTTER_H_
#define FORAKER_RETRIEVAL_PASSAGE_CUTTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/analyzer/analyzer.h"

namespace foraker::retrieval {

struct PassageSpan {
  uint32_t begin;  // bytes into the text
  uint32_t end;
  size_t first_word;  // [first_word, end_word): the words that begin inside
  size_t end_word;

  friend bool operator==(const PassageSpan&, const PassageSpan&) = default;
};

class PassageCutter {
 public:
  // passage_tokens 0: texts are not cut.
  static absl::StatusOr<std::unique_ptr<PassageCutter>> Create(uint32_t passage_tokens);
  virtual ~PassageCutter() = default;

  // Replaces `passages` by those of `text`, whose words (ascending, disjoint) the analyzer has
  // found. An empty text has none.
  virtual void Cut(std::string_view text, std::span<const model::AnalyzedWord> words,
                   std::vector<PassageSpan>& passages) = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_PASSAGE_CUTTER_H_
