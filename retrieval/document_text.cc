#include "retrieval/document_text.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace foraker::retrieval {

DocumentText::DocumentText(const model::Analyzer& analyzer, std::unique_ptr<PassageCutter> cutter)
    : title_session_(analyzer.NewSession()),
      text_session_(analyzer.NewSession()),
      cutter_(std::move(cutter)) {}

absl::StatusOr<std::unique_ptr<DocumentText>> DocumentText::Create(const DocumentSide& settings) {
  ASSIGN_OR_RETURN(
      const std::shared_ptr<const model::Analyzer> analyzer,
      model::Analyzer::Create({settings.language, settings.stemmer, settings.stop_words}));
  ASSIGN_OR_RETURN(std::unique_ptr<PassageCutter> cutter,
                   PassageCutter::Create(settings.passage_tokens));
  return std::unique_ptr<DocumentText>(new DocumentText(*analyzer, std::move(cutter)));
}

void DocumentText::Read(std::string_view title, std::string_view text) {
  title_ = title;
  text_ = text;
  title_words_ = title_session_->Analyze(title);
  text_words_ = text_session_->Analyze(text);
  cutter_->Cut(text, text_words_, passages_);
  if (passages_.empty() && !title_words_.empty()) passages_.push_back({0, 0, 0, 0});
}

uint64_t DocumentText::indexed_words() const {
  const auto indexed = [](const model::AnalyzedWord& word) { return !word.stop; };
  return static_cast<uint64_t>(std::count_if(title_words_.begin(), title_words_.end(), indexed) +
                               std::count_if(text_words_.begin(), text_words_.end(), indexed));
}

}  // namespace foraker::retrieval
