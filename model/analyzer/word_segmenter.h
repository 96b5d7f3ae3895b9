// The words of a text: ICU's word segmentation (UAX #29 with ICU's tailoring, dictionaries for
// Chinese, Japanese, Thai, ...), of which the segments that hold a letter or a digit are kept.
//
// Stretches of plain ASCII take a table-driven path that gives the same segments an order of
// magnitude sooner. Its table is derived from the ICU at hand when the segmenter is made, because
// ICU's tailoring of '@' and ':' differs between releases; word_segmenter_test.cc holds it against
// the iterator.
//
// One thread a segmenter; Clone makes another. No error at segmentation: bytes that are not UTF-8
// separate words. Texts below 2 GiB.

#ifndef FORAKER_MODEL_ANALYZER_WORD_SEGMENTER_H_
#define FORAKER_MODEL_ANALYZER_WORD_SEGMENTER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace foraker::model {

struct WordSpan {  // bytes into the text
  uint32_t begin;
  uint32_t end;

  friend bool operator==(const WordSpan&, const WordSpan&) = default;
};

class WordSegmenter {
 public:
  static absl::StatusOr<std::unique_ptr<WordSegmenter>> Create();
  virtual ~WordSegmenter() = default;

  virtual std::unique_ptr<WordSegmenter> Clone() const = 0;

  // Replaces `words` by the words of `text` in order.
  virtual void Segment(std::string_view text, std::vector<WordSpan>& words) = 0;

  // The same through ICU alone: the definition.
  virtual void SegmentByIcu(std::string_view text, std::vector<WordSpan>& words) = 0;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_ANALYZER_WORD_SEGMENTER_H_
