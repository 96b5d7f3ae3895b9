#include "retrieval/ingest/plausibility.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
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

// The inputs of the first passages of documents at the front of the reader.
absl::StatusOr<std::vector<EncoderInput>> FirstInputs(LineReader& reader,
                                                      const DocumentSide& settings,
                                                      const LoadedEncoder& encoder) {
  ASSIGN_OR_RETURN(const std::unique_ptr<DocumentText> text, DocumentText::Create(settings));
  EncoderInputReader input(encoder.table->tokenizer(),
                           std::min(settings.max_encoder_tokens, encoder.model->max_tokens()));
  DocumentParser parser(InputKind::kText, /*drop_small_weights=*/false);
  std::deque<LineBatch> batches;
  std::vector<EncoderInput> inputs;
  std::vector<index::TermKey> literal;
  while (inputs.size() < kVerifiedPassages) {
    ASSIGN_OR_RETURN(std::optional<LineBatch> batch, reader.Next(LineBatchBytes(settings)));
    if (!batch) break;
    batches.push_back(*std::move(batch));
    for (const Line& line : batches.back().lines) {
      if (line.too_long) continue;
      const absl::StatusOr<index::Document> document = parser.Parse(line.text, nullptr);
      if (!document.ok()) continue;
      text->Read(document->title, document->text);
      for (size_t i = 0; i < text->passages().size() && inputs.size() < kVerifiedPassages; ++i) {
        inputs.push_back(input.Read(*text, i, literal));
        if (inputs.back().ids.empty()) inputs.pop_back();
      }
    }
  }
  reader.PutBack(std::move(batches));
  return inputs;
}

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
  ASSIGN_OR_RETURN(const std::vector<EncoderInput> inputs, FirstInputs(reader, settings, encoder));
  std::vector<std::span<const uint32_t>> texts;
  texts.reserve(inputs.size());
  for (const EncoderInput& input : inputs) texts.push_back(input.ids);
  std::vector<std::vector<model::LearnedTerm>> terms;
  RETURN_IF_ERROR(encoder.model->NewSession()->Encode(texts, terms));
  std::vector<EncodedPassage> passages;
  for (size_t i = 0; i < inputs.size(); ++i) {
    passages.push_back({inputs[i].ids.size(), std::move(terms[i])});
  }
  return base::Annotate(
      CheckPlausible(passages, encoder.table->tokenizer().vocabulary_size()),
      absl::StrFormat("encoder %s gives no plausible vectors of the first %d passages (no-verify "
                      "overrules)",
                      settings.encoder, passages.size()));
}

}  // namespace foraker::retrieval
