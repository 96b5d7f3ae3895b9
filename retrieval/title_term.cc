#include "retrieval/title_term.h"

#include <string>

#include "base/float16.h"
#include "retrieval/titles.h"

namespace foraker::retrieval {

void AppendTitleTerm(bool with_positions, index::Document& document, const NameTerm& name_term) {
  const std::string normal = NormalizeTitle(document.title);
  if (normal.empty() || document.passages.empty()) return;
  const index::TermKey key = index::HashedTermKey(index::TermNamespace::kTitle, normal);
  for (index::Passage& passage : document.passages) {
    passage.vector.keys.push_back(key);
    passage.vector.weights.push_back(base::FloatToFloat16(1.0f));
    if (with_positions) passage.vector.positions.push_back(index::kTitlePosition);
  }
  if (name_term != nullptr) name_term(key, normal);
}

}  // namespace foraker::retrieval
