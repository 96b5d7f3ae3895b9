#include "retrieval/document_encoder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/document_text.h"
#include "retrieval/encoder_input.h"
#include "retrieval/learned_terms.h"
#include "retrieval/stem_terms.h"
#include "retrieval/title_term.h"

namespace foraker::retrieval {
namespace {

constexpr size_t kMaxTextBytes = 0x7fffffff;  // ICU counts in 32 bits

absl::Status CheckSize(const index::Document& document) {
  if (std::max(document.text.size(), document.title.size()) <= kMaxTextBytes) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("document \"%s\": title and text must be below 2 GiB each", document.id));
}

// The parts of a neural encoder that one thread has.
class NeuralPart {
 public:
  NeuralPart(const DocumentSide& settings, LoadedEncoder encoder)
      : encoder_(std::move(encoder)),
        input_(encoder_.table->tokenizer(),
               std::min(settings.max_encoder_tokens, encoder_.model->max_tokens())),
        terms_(settings, *encoder_.model) {}

  absl::Status Add(const DocumentText& text, size_t i, index::Passage& passage,
                   uint64_t& dropped_tokens) {
    EncoderInput input = input_.Read(text, i, passage.counted);
    dropped_tokens += input.dropped_tokens;
    return terms_.Add(std::move(input), passage.vector);
  }
  absl::Status Finish() { return terms_.Finish(); }

 private:
  const LoadedEncoder encoder_;
  EncoderInputReader input_;
  LearnedTerms terms_;
};

class TextEncoder final : public DocumentEncoder {
 public:
  TextEncoder(const DocumentSide& settings, std::unique_ptr<DocumentText> text,
              std::unique_ptr<NeuralPart> neural)
      : settings_(settings), text_(std::move(text)), stems_(settings), neural_(std::move(neural)) {}

  absl::Status Encode(std::span<index::Document* const> documents, const NameTerm& name_term,
                      std::vector<Outcome>& outcomes) override {
    if (settings_.stems && !(settings_.reference_length > 0)) {
      return absl::FailedPreconditionError("the collection's reference_length is not set");
    }
    outcomes.assign(documents.size(), {});
    for (size_t i = 0; i < documents.size(); ++i) {
      documents[i]->passages.clear();
      outcomes[i].error = CheckSize(*documents[i]);
      if (!outcomes[i].error.ok()) continue;
      RETURN_IF_ERROR(EncodeOne(*documents[i], name_term, outcomes[i].dropped_tokens));
    }
    return neural_ == nullptr ? absl::OkStatus() : neural_->Finish();
  }

 private:
  absl::Status EncodeOne(index::Document& document, const NameTerm& name_term,
                         uint64_t& dropped_tokens) {
    text_->Read(document.title, document.text);
    const std::span<const PassageSpan> passages = text_->passages();
    document.passages.resize(passages.size());
    for (size_t i = 0; i < passages.size(); ++i) {
      index::Passage& passage = document.passages[i];
      passage.text_begin = passages[i].begin;
      passage.text_end = passages[i].end;
      if (settings_.stems) stems_.Append(*text_, i, passage.vector);
    }
    if (settings_.titles) AppendTitleTerm(settings_.positions, document, name_term);
    if (settings_.stems && name_term != nullptr) stems_.Name(*text_, name_term);
    if (neural_ == nullptr) return absl::OkStatus();
    document.counted_namespace = index::TermNamespace::kWordPiece;
    for (size_t i = 0; i < passages.size(); ++i) {
      RETURN_IF_ERROR(neural_->Add(*text_, i, document.passages[i], dropped_tokens));
    }
    return absl::OkStatus();
  }

  const DocumentSide settings_;
  const std::unique_ptr<DocumentText> text_;
  StemTerms stems_;
  const std::unique_ptr<NeuralPart> neural_;  // null: the encoder is built in
};

}  // namespace

absl::StatusOr<std::unique_ptr<DocumentEncoder>> DocumentEncoder::Create(
    const DocumentSide& settings, LoadedEncoder encoder) {
  if (settings.encoder == "vectors") {
    return absl::InvalidArgumentError("encoder \"vectors\" makes no vectors of text");
  }
  std::unique_ptr<NeuralPart> neural;
  if (IsNeural(settings)) {
    if (encoder.table == nullptr || encoder.model == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("encoder ", settings.encoder, " is not loaded"));
    }
    neural = std::make_unique<NeuralPart>(settings, std::move(encoder));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<DocumentText> text, DocumentText::Create(settings));
  return std::unique_ptr<DocumentEncoder>(
      std::make_unique<TextEncoder>(settings, std::move(text), std::move(neural)));
}

absl::Status DocumentEncoder::Encode(index::Document& document, const NameTerm& name_term) {
  index::Document* const documents[] = {&document};
  std::vector<Outcome> outcomes;
  RETURN_IF_ERROR(Encode(documents, name_term, outcomes));
  return outcomes.front().error;
}

}  // namespace foraker::retrieval
