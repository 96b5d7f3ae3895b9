#include "retrieval/learned_terms.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/float16.h"
#include "base/status.h"

namespace foraker::retrieval {
namespace {

using model::LearnedTerm;

constexpr size_t kTokensARun = 8192;

absl::Status CheckFinite(std::span<const LearnedTerm> terms) {
  for (const LearnedTerm& term : terms) {
    if (std::isfinite(term.weight) && term.weight <= base::kMaxWeight) continue;
    return absl::InternalError(
        absl::StrFormat("the encoder gave token %d the weight %g", term.token, term.weight));
  }
  return absl::OkStatus();
}

}  // namespace

LearnedTerms::LearnedTerms(const DocumentSide& settings, const model::SparseEncoder& model)
    : learned_share_(settings.learned_share),
      with_positions_(settings.positions),
      session_(model.NewSession()) {}

absl::Status LearnedTerms::Add(EncoderInput input, index::SparseVector& vector) {
  if (input.ids.empty()) return absl::OkStatus();
  tokens_ += input.ids.size();
  inputs_.push_back(std::move(input));
  vectors_.push_back(&vector);
  return tokens_ < kTokensARun ? absl::OkStatus() : Finish();
}

absl::Status LearnedTerms::Finish() {
  const std::vector<EncoderInput> inputs = std::exchange(inputs_, {});
  const std::vector<index::SparseVector*> vectors = std::exchange(vectors_, {});
  tokens_ = 0;
  if (inputs.empty()) return absl::OkStatus();
  std::vector<std::span<const uint32_t>> texts;
  texts.reserve(inputs.size());
  for (const EncoderInput& input : inputs) texts.push_back(input.ids);
  RETURN_IF_ERROR(session_->Encode(texts, terms_));
  for (size_t i = 0; i < inputs.size(); ++i) {
    RETURN_IF_ERROR(CheckFinite(terms_[i]));
    Select(terms_[i]);
    Prepend(terms_[i], inputs[i], *vectors[i]);
  }
  return absl::OkStatus();
}

void LearnedTerms::Select(std::vector<LearnedTerm>& terms) const {
  std::erase_if(terms, [](const LearnedTerm& term) { return term.weight < base::kMinWeight; });
  if (learned_share_ >= 1) return;
  double sum = 0;
  for (const LearnedTerm& term : terms) sum += static_cast<double>(term.weight);
  std::sort(terms.begin(), terms.end(), [](const LearnedTerm& a, const LearnedTerm& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.token < b.token;
  });
  const double enough = static_cast<double>(learned_share_) * sum;
  double reached = 0;
  size_t kept = 0;
  while (kept < terms.size() && reached < enough) {
    reached += static_cast<double>(terms[kept++].weight);
  }
  terms.resize(kept);
  std::sort(terms.begin(), terms.end(),
            [](const LearnedTerm& a, const LearnedTerm& b) { return a.token < b.token; });
}

void LearnedTerms::Prepend(std::span<const LearnedTerm> terms, const EncoderInput& input,
                           index::SparseVector& vector) {
  index::SparseVector whole;
  for (const LearnedTerm& term : terms) {
    whole.keys.push_back(index::NumberedTermKey(index::TermNamespace::kWordPiece, term.token));
    whole.weights.push_back(base::FloatToFloat16(term.weight));
    if (with_positions_) whole.positions.push_back(input.positions[term.source]);
  }
  whole.keys.insert(whole.keys.end(), vector.keys.begin(), vector.keys.end());
  whole.weights.insert(whole.weights.end(), vector.weights.begin(), vector.weights.end());
  whole.positions.insert(whole.positions.end(), vector.positions.begin(), vector.positions.end());
  vector = std::move(whole);
}

}  // namespace foraker::retrieval
