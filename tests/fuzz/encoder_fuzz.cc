// Arbitrary bytes as title and text through segmenter, analyzer, cutter, encoder and the mention
// finder. Input: a byte that chooses options, the title up to the first newline, the text.

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/sparse_vector.h"
#include "model/analyzer/analyzer.h"
#include "model/analyzer/word_segmenter.h"
#include "retrieval/document_encoder.h"
#include "retrieval/titles.h"
#include "tests/fuzz/require.h"

namespace foraker {
namespace {

bool StartsCharacter(std::string_view text, size_t at) {
  return at >= text.size() || (static_cast<uint8_t>(text[at]) & 0xc0) != 0x80;
}

bool IsUtf8(std::string_view text) {
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(text.data(), i, size, c);
    if (c < 0) return false;
  }
  return true;
}

void CheckSegmentation(std::string_view text) {
  static const std::unique_ptr<model::WordSegmenter> segmenter = *model::WordSegmenter::Create();
  std::vector<model::WordSpan> fast;
  std::vector<model::WordSpan> by_icu;
  segmenter->Segment(text, fast);
  segmenter->SegmentByIcu(text, by_icu);
  Require(fast == by_icu);
}

void CheckDocument(const index::Document& document) {
  const bool utf8 = IsUtf8(document.text);
  uint32_t end = 0;
  for (const index::Passage& passage : document.passages) {
    Require(index::Validate(passage.vector.view()).ok());
    Require(passage.text_begin == end && passage.text_end >= end);
    end = passage.text_end;
    Require(!utf8 || StartsCharacter(document.text, end));
    for (const index::Position position : passage.vector.positions) {
      Require(position >= index::kTitlePosition ||
              passage.text_begin + position < passage.text_end);
    }
  }
  Require(document.passages.empty() ? document.text.empty() : end == document.text.size());
}

// One of 32, by the low bits of `choice`; kept, because opening ICU's rules takes longer than a
// run.
retrieval::DocumentEncoder& EncoderOf(uint8_t choice) {
  static std::array<std::unique_ptr<retrieval::DocumentEncoder>, 32> encoders;
  std::unique_ptr<retrieval::DocumentEncoder>& encoder = encoders[choice % encoders.size()];
  if (encoder == nullptr) {
    retrieval::DocumentSide settings;
    settings.reference_length = 10;
    settings.passage_tokens = choice % 16;
    settings.positions = (choice & 16) != 0;
    encoder = *retrieval::DocumentEncoder::Create(settings);
  }
  return *encoder;
}

void CheckTitles(std::string_view title, std::string_view text) {
  static const std::unique_ptr<model::Analyzer::Session> session =
      (*model::Analyzer::Create({}))->NewSession();
  retrieval::NormalizeTitle(title);
  const std::vector<model::AnalyzedWord>& words = session->Analyze(text);
  const auto mentions = retrieval::FindMentions(
      text, words, [](std::string_view name) { return name.size() % 3 == 0; },
      [](const model::AnalyzedWord&) { return 9.0; }, {.max_words = 8, .min_word_idf = 5});
  Require(mentions.ok());
  uint32_t end = 0;
  for (const retrieval::Mention& mention : *mentions) {
    Require(mention.begin >= end && mention.begin < mention.end && mention.end <= text.size());
    end = mention.end;
  }
}

}  // namespace
}  // namespace foraker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace foraker;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  index::Document document;
  document.id = "d";
  const size_t newline = std::min(input.find('\n'), input.size());
  document.title = input.substr(0, newline);
  document.text = input.substr(std::min(newline + 1, input.size()));
  CheckSegmentation(document.text);
  const auto name = [](index::TermKey, std::string_view) {};
  Require(EncoderOf(data[0]).Encode(document, name).ok());
  CheckDocument(document);
  CheckTitles(document.title, document.text);
  return 0;
}
