#include "model/tokenizer/added_tokens.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <utility>

#include "model/tokenizer/utf8.h"

namespace foraker::model {
namespace {

constexpr uint32_t kWordCategories = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;

// \w of UTS #18.
bool IsWordCharacter(std::optional<char32_t> character) {
  if (!character.has_value()) return false;
  const auto c = static_cast<UChar32>(*character);
  return (U_GET_GC_MASK(c) & kWordCategories) != 0 || u_isUAlphabetic(c) ||
         u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL);
}

// The character before `at`, which becomes its begin; none at the start.
std::optional<char32_t> Before(std::string_view text, size_t& at) {
  if (at == 0) return std::nullopt;
  const auto continues = [&](size_t i) { return (static_cast<uint8_t>(text[i]) & 0xc0) == 0x80; };
  const size_t least = at - std::min<size_t>(at, 4);
  size_t begin = at - 1;
  while (begin > least && continues(begin)) --begin;
  at = begin;
  return NextCharacter(text, begin);
}

// The character at `at`, which becomes its end; none at the end.
std::optional<char32_t> After(std::string_view text, size_t& at) {
  if (at == text.size()) return std::nullopt;
  return NextCharacter(text, at);
}

bool IsSpace(std::optional<char32_t> character) {
  return character.has_value() && u_isUWhiteSpace(static_cast<UChar32>(*character));
}

bool StandsAlone(std::string_view text, size_t begin, size_t end) {
  return !IsWordCharacter(Before(text, begin)) && !IsWordCharacter(After(text, end));
}

size_t SpaceBefore(std::string_view text, size_t at, size_t least) {
  for (size_t begin = at; at > least && IsSpace(Before(text, begin));) at = begin;
  return std::max(at, least);
}

size_t SpaceAfter(std::string_view text, size_t at) {
  for (size_t end = at; IsSpace(After(text, end));) at = end;
  return at;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::erase_if(tokens_, [](const AddedToken& token) { return token.content.empty(); });
  std::stable_sort(tokens_.begin(), tokens_.end(), [](const AddedToken& a, const AddedToken& b) {
    return a.content.size() != b.content.size() ? a.content.size() > b.content.size()
                                                : a.content < b.content;
  });
  const auto repeated =
      std::unique(tokens_.begin(), tokens_.end(),
                  [](const AddedToken& a, const AddedToken& b) { return a.content == b.content; });
  tokens_.erase(repeated, tokens_.end());
  for (const AddedToken& token : tokens_) starts_[static_cast<uint8_t>(token.content[0])] = true;
  if (std::count(starts_.begin(), starts_.end(), true) == 1) only_start_ = tokens_[0].content[0];
  std::vector<std::string> contents;
  contents.reserve(tokens_.size());
  for (const AddedToken& token : tokens_) contents.push_back(token.content);
  if (!contents.empty()) trie_.emplace(contents);
}

size_t AddedTokens::NextStart(std::string_view text, size_t from) const {
  if (only_start_.has_value()) return std::min(text.find(*only_start_, from), text.size());
  while (from < text.size() && !starts_[static_cast<uint8_t>(text[from])]) ++from;
  return from;
}

const AddedToken* AddedTokens::LongestAt(std::string_view text, size_t at, TextRange plain) const {
  auto match = trie_->Longest(PieceTrie::kRoot, text.substr(at));
  while (match.has_value() && plain.Overlaps(at, at + match->bytes)) {
    match = trie_->Longest(PieceTrie::kRoot, text.substr(at, match->bytes - 1));
  }
  return match.has_value() ? &tokens_[match->id] : nullptr;
}

std::optional<AddedTokens::Match> AddedTokens::Next(std::string_view text, size_t from,
                                                    TextRange plain) const {
  if (tokens_.empty()) return std::nullopt;
  for (size_t at = NextStart(text, from); at < text.size(); at = NextStart(text, at)) {
    const AddedToken* token = LongestAt(text, at, plain);
    if (token == nullptr) {
      ++at;
      continue;
    }
    const size_t end = at + token->content.size();
    if (token->single_word && !StandsAlone(text, at, end)) {
      at = end;
      continue;
    }
    return Match{token->id, token->lstrip ? SpaceBefore(text, at, from) : at,
                 token->rstrip ? SpaceAfter(text, end) : end};
  }
  return std::nullopt;
}

}  // namespace foraker::model
