// A document's title and text as words, and the text cut into passages: what every kind of term is
// made from.
//
// One thread. Words and passages stay valid until the next Read; words borrow the strings read.

#ifndef FORAKER_RETRIEVAL_DOCUMENT_TEXT_H_
#define FORAKER_RETRIEVAL_DOCUMENT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/sparse_vector.h"
#include "model/analyzer/analyzer.h"
#include "retrieval/passage_cutter.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class DocumentText {
 public:
  // Of the settings, analyzer and passage length count.
  static absl::StatusOr<std::unique_ptr<DocumentText>> Create(const DocumentSide& settings);

  // Below 2 GiB each.
  void Read(std::string_view title, std::string_view text);

  std::string_view title() const { return title_; }
  std::span<const model::AnalyzedWord> title_words() const { return title_words_; }
  std::span<const model::AnalyzedWord> text_words() const { return text_words_; }

  // A title without text makes one empty passage.
  std::span<const PassageSpan> passages() const { return passages_; }
  // Words of title and text that stems are made of: stop words left out.
  uint64_t indexed_words() const;
  std::string_view TextOf(const PassageSpan& passage) const {
    return text_.substr(passage.begin, passage.end - passage.begin);
  }
  std::span<const model::AnalyzedWord> WordsOf(const PassageSpan& passage) const {
    return text_words_.subspan(passage.first_word, passage.end_word - passage.first_word);
  }

 private:
  DocumentText(const model::Analyzer& analyzer, std::unique_ptr<PassageCutter> cutter);

  const std::unique_ptr<model::Analyzer::Session> title_session_;
  const std::unique_ptr<model::Analyzer::Session> text_session_;
  const std::unique_ptr<PassageCutter> cutter_;
  std::string_view title_;
  std::string_view text_;
  std::span<const model::AnalyzedWord> title_words_;  // the sessions'
  std::span<const model::AnalyzedWord> text_words_;
  std::vector<PassageSpan> passages_;
};

// A byte of a passage, counted from its begin, as a position of a term.
inline index::Position PositionAt(uint32_t offset) {
  return offset < index::kTitlePosition ? static_cast<index::Position>(offset) : index::kNoPosition;
}

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_DOCUMENT_TEXT_H_
