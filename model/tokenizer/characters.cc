#include "model/tokenizer/characters.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace foraker::model {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kDottedCapitalI = 0x130;

// The categories the definition knows end here.
bool InUnicode8(UChar32 c) {
  UVersionInfo age;
  u_charAge(c, age);
  return age[0] <= 8;
}

// Six characters have changed category since: two were punctuation, one a nonspacing mark, three
// were none.
bool IsPunctuation(UChar32 c) {
  if (c < 0x80) return u_isgraph(c) && !u_isalnum(c);  // ASCII symbols count as punctuation
  if (c == 0x166D || c == 0x111C9) return true;
  return (U_GET_GC_MASK(c) & U_GC_P_MASK) != 0 && InUnicode8(c);
}

bool IsNonspacingMark(UChar32 c) {
  if (c == 0x1734) return true;
  if (c == 0x111C9 || c == 0x1885 || c == 0x1886 || c == 0xA9BD) return false;
  return u_charType(c) == U_NON_SPACING_MARK && InUnicode8(c);
}

bool IsControl(UChar32 c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return (U_GET_GC_MASK(c) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK | U_GC_CS_MASK)) != 0 &&
         InUnicode8(c);
}

// The blocks BERT calls Chinese; that U+2B820 to U+2B91F are not among them is so in the
// definition.
bool IsIdeograph(UChar32 c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

const icu::Normalizer2* Decomposition() {
  static const icu::Normalizer2* const nfd = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFDInstance(error);
  }();
  return nfd;
}

// Calls `take` for each character of the canonical decomposition that is not a nonspacing mark.
template <typename Take>
void ForEachBase(UChar32 c, const Take& take) {
  icu::UnicodeString parts;
  if (Decomposition() == nullptr || !InUnicode8(c) ||
      !Decomposition()->getDecomposition(c, parts)) {
    if (!IsNonspacingMark(c)) take(c);
    return;
  }
  for (int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
    if (const UChar32 part = parts.char32At(i); !IsNonspacingMark(part)) take(part);
  }
}

void Append(UChar32 c, std::string& to) {
  std::array<char, U8_MAX_LENGTH> bytes;
  size_t size = 0;
  U8_APPEND_UNSAFE(bytes.data(), size, c);
  to.append(bytes.data(), size);
}

void AppendLower(UChar32 c, std::string& to) {
  Append(u_tolower(c), to);
  // The one character whose lower case is two.
  if (c == kDottedCapitalI) Append(0x307, to);
}

}  // namespace

Characters::Characters(const CharacterRules& rules) : rules_(rules) {
  for (size_t c = 0; c < roles_.size(); ++c) roles_[c] = ComputeRole(static_cast<char32_t>(c));
}

CharacterRole Characters::ComputeRole(char32_t character) const {
  const auto c = static_cast<UChar32>(character);
  if (rules_.clean_text && (c == 0 || character == kReplacement || IsControl(c))) {
    return CharacterRole::kNone;
  }
  if (u_isUWhiteSpace(c)) return CharacterRole::kSpace;
  if (rules_.ideographs_apart && IsIdeograph(c)) return CharacterRole::kAlone;
  if (!rules_.strip_accents) {
    return IsPunctuation(c) ? CharacterRole::kAlone : CharacterRole::kWord;
  }
  // A few characters decompose to punctuation (U+2260 to '=' and a mark), and those to nothing
  // else.
  CharacterRole role = CharacterRole::kNone;
  ForEachBase(c, [&](UChar32 base) {
    if (role == CharacterRole::kNone) {
      role = IsPunctuation(base) ? CharacterRole::kAlone : CharacterRole::kWord;
    }
  });
  return role;
}

void Characters::Fold(char32_t character, std::string& folded) const {
  if (RoleOf(character) == CharacterRole::kNone) return;
  const auto append = [&](UChar32 c) {
    if (rules_.lower_case) {
      AppendLower(c, folded);
    } else {
      Append(c, folded);
    }
  };
  const auto c = static_cast<UChar32>(character);
  if (rules_.strip_accents && c >= 0x80) {
    ForEachBase(c, append);
  } else {
    append(c);
  }
}

}  // namespace foraker::model
