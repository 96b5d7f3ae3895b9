#include "retrieval/ingest/plausibility.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/document_text.h"
#include "retrieval/encoder_input.h"
#include "retrieval/ingest/document_parser.h"
#include "retrieval/ingest/encode_pipeline.h"

namespace foraker::retrieval {
namespace {

constexpr double kMostActive = 1.0 / 3;  // of the vocabulary
// A position may well decide all terms of three tokens.
constexpr size_t kLongPassage = 8;  // tokens
constexpr double kMostOfOne = 0.9;  // of a passage's terms, by one position

// The share of the terms that the position with the most of them decides.
double LargestShare(const std::vector<model::LearnedTerm>& terms) {
  absl::flat_hash_map<uint32_t, size_t> decided;
  size_t most = 0;
  for (const model::LearnedTerm& term : terms) most = std::max(most, ++decided[term.source]);
  return static_cast<double>(most) / static_cast<double>(terms.size());
}

// What the encoder reads of documents, up to kVerifiedPassages.
class FirstInputs {
 public:
  FirstInputs(const DocumentSide& settings, const LoadedEncoder& encoder,
              std::unique_ptr<DocumentText> text)
      : text_(std::move(text)),
        reader_(encoder.table->tokenizer(),
                std::min(settings.max_encoder_tokens, encoder.model->max_tokens())) {}

  void Add(std::string_view title, std::string_view text) {
    text_->Read(title, text);
    for (size_t i = 0; i < text_->passages().size() && !full(); ++i) {
      inputs_.push_back(reader_.Read(*text_, i, literal_));
      if (inputs_.back().ids.empty()) inputs_.pop_back();
    }
  }
  bool full() const { return inputs_.size() >= kVerifiedPassages; }

  // Whether the model's vectors of them are plausible.
  absl::Status Verify(const DocumentSide& settings, const LoadedEncoder& encoder) const {
    std::vector<std::span<const uint32_t>> texts;
    texts.reserve(inputs_.size());
    for (const EncoderInput& input : inputs_) texts.push_back(input.ids);
    std::vector<std::vector<model::LearnedTerm>> terms;
    RETURN_IF_ERROR(encoder.model->NewSession()->Encode(texts, terms));
    std::vector<EncodedPassage> passages;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      passages.push_back({inputs_[i].ids.size(), std::move(terms[i])});
    }
    return base::Annotate(
        CheckPlausible(passages, encoder.table->tokenizer().vocabulary_size()),
        absl::StrFormat("encoder %s gives no plausible vectors of the first %d passages (no-verify "
                        "overrules)",
                        settings.encoder, passages.size()));
  }

 private:
  const std::unique_ptr<DocumentText> text_;
  EncoderInputReader reader_;
  std::vector<EncoderInput> inputs_;
  std::vector<index::TermKey> literal_;
};

constexpr std::string_view kProbe[] = {
    "The harbour master wrote down the name of every ship that came in before the storm.",
    "Honey bees tell each other where the flowers are by the angle and length of a dance.",
    "A court of appeal may set aside a judgment when the law was applied in a wrong way.",
    "The reaction gives off heat, so the flask has to be cooled while the acid is added.",
    "In 1928 a mould in a dish of bacteria led to the first drug that cured many infections.",
    "Sort the table by the second column and keep the first ten rows that have no blanks.",
    "The village lies in a valley between two rivers, an hour by train from the capital.",
    "Children who read at home every day know more words when they start school.",
};

}  // namespace

absl::Status CheckPlausible(std::span<const EncodedPassage> passages, uint32_t vocabulary) {
  if (passages.empty()) return absl::OkStatus();
  double active = 0;
  double one = 0;
  size_t long_passages = 0;
  for (const EncodedPassage& passage : passages) {
    for (const model::LearnedTerm& term : passage.terms) {
      if (std::isfinite(term.weight)) continue;
      return absl::InvalidArgumentError(absl::StrFormat(
          "token %d has the weight %g: expected finite numbers", term.token, term.weight));
    }
    active += static_cast<double>(passage.terms.size());
    if (passage.tokens < kLongPassage || passage.terms.empty()) continue;
    one += LargestShare(passage.terms);
    ++long_passages;
  }
  active /= static_cast<double>(passages.size()) * vocabulary;
  if (active == 0) return absl::InvalidArgumentError("no passage has any term");
  if (active > kMostActive) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "a passage has %.0f %% of the vocabulary on average: expected at most a third",
        100 * active));
  }
  if (long_passages > 0 && one > kMostOfOne * static_cast<double>(long_passages)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "one token of a passage decides %.0f %% of its terms on average: expected at most %.0f %%",
        100 * one / static_cast<double>(long_passages), 100 * kMostOfOne));
  }
  return absl::OkStatus();
}

absl::Status VerifyEncoder(LineReader& reader, const DocumentSide& settings,
                           const LoadedEncoder& encoder) {
  if (!IsNeural(settings)) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::unique_ptr<DocumentText> text, DocumentText::Create(settings));
  FirstInputs inputs(settings, encoder, std::move(text));
  DocumentParser parser(InputKind::kText, /*drop_small_weights=*/false);
  std::deque<LineBatch> batches;
  while (!inputs.full()) {
    ASSIGN_OR_RETURN(std::optional<LineBatch> batch, reader.Next(LineBatchBytes(settings)));
    if (!batch) break;
    batches.push_back(*std::move(batch));
    for (const Line& line : batches.back().lines) {
      if (line.too_long) continue;
      const absl::StatusOr<index::Document> document = parser.Parse(line.text, nullptr);
      if (document.ok()) inputs.Add(document->title, document->text);
    }
  }
  reader.PutBack(std::move(batches));
  return inputs.Verify(settings, encoder);
}

absl::Status VerifyEncoderOnProbe(const DocumentSide& settings, const LoadedEncoder& encoder) {
  if (!IsNeural(settings)) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::unique_ptr<DocumentText> text, DocumentText::Create(settings));
  FirstInputs inputs(settings, encoder, std::move(text));
  for (const std::string_view sentence : kProbe) inputs.Add("", sentence);
  return inputs.Verify(settings, encoder);
}

}  // namespace foraker::retrieval
