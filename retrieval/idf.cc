#include "retrieval/idf.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/status.h"

namespace foraker::retrieval {
namespace {

using index::TermNamespace;

constexpr float kNeverSeen = 1.0f;

}  // namespace

IdfTable::IdfTable(std::shared_ptr<const index::DocumentFrequencies> statistics,
                   const CollectionSettings& settings,
                   std::shared_ptr<const model::QueryTable> encoder)
    : statistics_(std::move(statistics)),
      encoder_(std::move(encoder)),
      source_(settings.query.idf_source),
      strength_(settings.query.prior_strength),
      stems_(strength_ > 0 ? StemPrior::Shipped(settings.document.stemmer) : nullptr),
      collection_has_stems_(settings.document.stems) {}

const float* IdfTable::EncoderWeight(index::TermKey key) const {
  if (encoder_ == nullptr || index::NamespaceOf(key) != TermNamespace::kWordPiece) return nullptr;
  const std::span<const float> weights = encoder_->weights();
  const auto token = static_cast<uint32_t>(key);  // ids of a vocabulary have 32 bits
  return token < weights.size() ? &weights[token] : nullptr;
}

double IdfTable::PriorShare(index::TermKey key) const {
  if (stems_ != nullptr && index::NamespaceOf(key) == TermNamespace::kStem) {
    return stems_->Probability(key);
  }
  const float* weight = source_ == IdfSource::kBlend ? EncoderWeight(key) : nullptr;
  if (weight == nullptr) return -1;
  return *weight == kNeverSeen ? 0 : std::min(std::exp(-static_cast<double>(*weight)), 1.0);
}

absl::StatusOr<TermIdf> IdfTable::Get(index::TermKey key) const {
  TermIdf term;
  double passages = 0;
  if (statistics_ != nullptr) {
    ASSIGN_OR_RETURN(term.document_frequency, statistics_->DocumentFrequency(key));
    const bool counted = collection_has_stems_ || index::NamespaceOf(key) != TermNamespace::kStem;
    if (counted) passages = static_cast<double>(statistics_->num_passages());
  }
  if (source_ == IdfSource::kEncoder) {
    if (const float* weight = EncoderWeight(key); weight != nullptr) {
      term.idf = *weight;
      return term;
    }
  }
  auto frequency = static_cast<double>(term.document_frequency);
  if (const double share = PriorShare(key); share >= 0) {
    passages += strength_;
    frequency += strength_ * share;
  }
  term.idf = std::log1p((passages - frequency + 0.5) / (frequency + 0.5));
  return term;
}

}  // namespace foraker::retrieval
