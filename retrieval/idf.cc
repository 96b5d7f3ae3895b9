#include "retrieval/idf.h"

#include <cmath>
#include <utility>

#include "base/status.h"

namespace foraker::retrieval {

IdfTable::IdfTable(std::shared_ptr<const index::DocumentFrequencies> statistics,
                   const CollectionSettings& settings)
    : statistics_(std::move(statistics)),
      prior_(settings.query.prior_strength > 0 ? StemPrior::Shipped(settings.document.stemmer)
                                               : nullptr),
      strength_(settings.query.prior_strength) {}

absl::StatusOr<TermIdf> IdfTable::Get(index::TermKey key) const {
  TermIdf term;
  double passages = 0;
  if (statistics_ != nullptr) {
    ASSIGN_OR_RETURN(term.document_frequency, statistics_->DocumentFrequency(key));
    passages = static_cast<double>(statistics_->num_passages());
  }
  auto frequency = static_cast<double>(term.document_frequency);
  if (prior_ != nullptr && index::NamespaceOf(key) == index::TermNamespace::kStem) {
    passages += strength_;
    frequency += strength_ * prior_->Probability(key);
  }
  term.idf = std::log1p((passages - frequency + 0.5) / (frequency + 0.5));
  return term;
}

}  // namespace foraker::retrieval
