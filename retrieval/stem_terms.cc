#include "retrieval/stem_terms.h"

#include <algorithm>

#include "base/float16.h"

namespace foraker::retrieval {
namespace {

using index::TermKey;
using model::AnalyzedWord;

TermKey StemKey(const AnalyzedWord& word) {
  return index::HashedTermKey(index::TermNamespace::kStem, word.stem);
}

}  // namespace

float StemTerms::Weight(size_t tf, size_t length) const {
  const double relative = static_cast<double>(length) / settings_.reference_length;
  const double saturation = settings_.k1 * (1.0 - settings_.b + settings_.b * relative);
  const auto count = static_cast<double>(tf);
  const auto weight = static_cast<float>(count * (settings_.k1 + 1.0) / (count + saturation));
  return std::max(weight, base::kMinWeight);
}

void StemTerms::Append(const DocumentText& document, size_t i, index::SparseVector& vector) {
  const PassageSpan& passage = document.passages()[i];
  occurrences_.clear();
  for (const AnalyzedWord& word : document.WordsOf(passage)) {
    if (!word.stop) occurrences_.push_back({StemKey(word), PositionAt(word.begin - passage.begin)});
  }
  if (i == 0) {
    for (const AnalyzedWord& word : document.title_words()) {
      if (!word.stop) occurrences_.push_back({StemKey(word), index::kTitlePosition});
    }
  }
  std::sort(occurrences_.begin(), occurrences_.end());
  for (size_t begin = 0; begin < occurrences_.size();) {
    size_t end = begin + 1;
    while (end < occurrences_.size() && occurrences_[end].key == occurrences_[begin].key) ++end;
    vector.keys.push_back(occurrences_[begin].key);
    vector.weights.push_back(base::FloatToFloat16(Weight(end - begin, occurrences_.size())));
    if (settings_.positions) vector.positions.push_back(occurrences_[begin].position);
    begin = end;
  }
}

void StemTerms::Name(const DocumentText& document, const NameTerm& name_term) {
  named_.clear();
  for (const std::span<const AnalyzedWord> words :
       {document.title_words(), document.text_words()}) {
    for (const AnalyzedWord& word : words) {
      if (word.stop) continue;
      const TermKey key = StemKey(word);
      if (named_.insert(key).second) name_term(key, word.stem);
    }
  }
}

}  // namespace foraker::retrieval
