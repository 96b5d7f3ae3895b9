// Term keys: the 64-bit names by which vectors, segments and queries speak of a term.
//
//   bits 63..56  namespace (TermNamespace)
//   bits 55..0   the id itself (WordPiece), or the low 56 bits of XXH3-64, seed 0, of the UTF-8
//
// The order of keys is part of the score's definition (products are summed in ascending key order),
// and keys are on disk: golden values are in tests/index/term_key_test.cc. Never absl::Hash here,
// it is seeded a process.

#ifndef FORAKER_INDEX_TERM_KEY_H_
#define FORAKER_INDEX_TERM_KEY_H_

#include <cstdint>
#include <string_view>

namespace foraker::index {

using TermKey = uint64_t;

enum class TermNamespace : uint8_t {
  kWordPiece = 1,  // id of a learned vocabulary
  kStem = 2,       // a word's stem, made by the collection's analyzer
  kTitle = 3,      // a document's whole normalised title
  kImported = 4,   // a token of a foreign vocabulary, by its string
};

TermKey HashedTermKey(TermNamespace ns, std::string_view utf8);

inline constexpr TermKey NumberedTermKey(TermNamespace ns, uint64_t id) {
  return (static_cast<uint64_t>(ns) << 56) | (id & ((uint64_t{1} << 56) - 1));
}
inline constexpr TermNamespace NamespaceOf(TermKey key) {
  return static_cast<TermNamespace>(key >> 56);
}

}  // namespace foraker::index

#endif  // FORAKER_INDEX_TERM_KEY_H_
