// What BERT's basic tokenisation makes of one character: whether it belongs to a word, stands
// alone, separates or vanishes, and what it is folded to.
//
// The definition is BertNormalizer and BertPreTokenizer of Hugging Face `tokenizers`, in their
// order: control characters out, CJK characters apart, NFD without nonspacing marks, lower case,
// then white space separates and punctuation stands alone. Their general categories are those of
// Unicode 8; a later character has none there, so it is an ordinary part of a word, whatever ICU
// says. Lower case is ICU's.
//
// Characters are folded one by one. Canonical order of what is left is not restored: every mark
// with a combining class that is not removed is younger than Unicode 8, a Hangul tone mark or a
// part of a musical note.
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_MODEL_TOKENIZER_CHARACTERS_H_
#define FORAKER_MODEL_TOKENIZER_CHARACTERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace foraker::model {

struct CharacterRules {
  bool clean_text = true;        // control characters, NUL and U+FFFD vanish
  bool ideographs_apart = true;  // each CJK ideograph is a word
  bool strip_accents = true;     // NFD, nonspacing marks vanish
  bool lower_case = true;

  friend bool operator==(const CharacterRules&, const CharacterRules&) = default;
};

enum class CharacterRole : uint8_t {
  kWord,   // joins its neighbours
  kAlone,  // a word of its own: punctuation, ideographs
  kSpace,  // between words
  kNone,   // vanishes; what stands around it joins
};

class Characters {
 public:
  explicit Characters(const CharacterRules& rules);

  CharacterRole RoleOf(char32_t c) const { return c < roles_.size() ? roles_[c] : ComputeRole(c); }

  // Appends what `c` becomes, in UTF-8; nothing for kNone. Not for kSpace.
  void Fold(char32_t c, std::string& folded) const;

 private:
  CharacterRole ComputeRole(char32_t c) const;

  const CharacterRules rules_;
  std::array<CharacterRole, 0x10000> roles_;  // of the basic plane
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_CHARACTERS_H_
