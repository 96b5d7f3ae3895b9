#include "retrieval/imported_vector.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace foraker::retrieval {

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  if (text.size() <= kShown) return absl::StrFormat("\"%s\"", text);
  size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  return absl::StrFormat("\"%s...\"", text.substr(0, end));
}

absl::StatusOr<ImportedTerm> MakeImportedTerm(std::string_view token, double weight) {
  if (token.empty()) return absl::InvalidArgumentError("expected tokens of at least one byte");
  const base::Float16Bits stored = base::FloatToFloat16(static_cast<float>(weight));
  const float rounded = base::Float16ToFloat(stored);
  if (!(rounded >= base::kMinWeight && rounded <= base::kMaxWeight)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "expected weights from 2^-14 to 65504, token %s has %g", Quoted(token), weight));
  }
  return ImportedTerm{.key = index::HashedTermKey(index::TermNamespace::kImported, token),
                      .weight = stored,
                      .token = token};
}

absl::Status AddImportedPassage(std::vector<ImportedTerm>& terms, bool with_positions,
                                const NameTerm& name_term, index::Document& document) {
  std::sort(terms.begin(), terms.end(),
            [](const ImportedTerm& a, const ImportedTerm& b) { return a.key < b.key; });
  index::Passage& passage = document.passages.emplace_back();
  passage.text_end = static_cast<uint32_t>(document.text.size());
  passage.vector.keys.reserve(terms.size());
  passage.vector.weights.reserve(terms.size());
  for (size_t i = 0; i < terms.size(); ++i) {
    const ImportedTerm& term = terms[i];
    if (i > 0 && term.key == terms[i - 1].key) {
      return absl::InvalidArgumentError(
          term.token == terms[i - 1].token
              ? absl::StrFormat("token %s occurs twice", Quoted(term.token))
              : absl::StrFormat("tokens %s and %s share one key", Quoted(terms[i - 1].token),
                                Quoted(term.token)));
    }
    passage.vector.keys.push_back(term.key);
    passage.vector.weights.push_back(term.weight);
    if (with_positions) passage.vector.positions.push_back(term.position);
    if (name_term != nullptr) name_term(term.key, term.token);
  }
  return absl::OkStatus();
}

}  // namespace foraker::retrieval
