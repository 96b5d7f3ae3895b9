#include "model/tokenizer/wordpiece.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/definition.h"
#include "model/tokenizer/piece_memo.h"
#include "model/tokenizer/utf8.h"
#include "model/tokenizer/word_pieces.h"

namespace foraker::model {
namespace {

// Words, accents, ideographs, invisible and control characters, symbols that decompose, a special
// token and a word that is too long: each shows a rule that differs between tokenizers.
constexpr std::string_view kProbe =
    "The Weather isn't generously generalised: 3.14, caf\u00e9 Stra\u00dfe \u0130stanbul "
    "\u6771\u4eac\u30bf\u30ef\u30fc \ud55c\uad6d\uc5b4 soft\u00adhyphen zero\u200bwidth a\u2260b "
    "\u0627\u0644\u0644\u063a\u0629 \U0001F999 [MASK] tab\there "
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aa"
    "aaaaaaaaaaaaaaaaaaaa.";

// What the sessions of one tokenizer share.
struct Shared {
  PieceVocabulary pieces;
  AddedTokens added;
};

class WordPieceSession final : public WordPiece::Session {
 public:
  explicit WordPieceSession(std::shared_ptr<const Shared> shared)
      : shared_(std::move(shared)), cutter_(shared_->pieces) {}

  const std::vector<Token>& Tokenize(std::string_view text) override {
    tokens_.clear();
    size_t done = 0;
    while (const auto added = shared_->added.Next(text, done)) {
      Words(text.substr(0, added->begin), done);
      tokens_.push_back(
          {added->id, static_cast<uint32_t>(added->begin), static_cast<uint32_t>(added->end)});
      done = added->end;
    }
    Words(text, done);
    return tokens_;
  }

 private:
  // The words of the text from `at` on.
  void Words(std::string_view text, size_t at) {
    while (at < text.size()) {
      const size_t begin = at;
      switch (NextRole(text, at)) {
        case CharacterRole::kSpace:
        case CharacterRole::kNone:
          break;
        case CharacterRole::kAlone:
          Word(text, begin, at);
          break;
        case CharacterRole::kWord:
          at = WordEnd(text, at);
          Word(text, begin, at);
          break;
      }
    }
  }

  CharacterRole NextRole(std::string_view text, size_t& at) const {
    const auto byte = static_cast<uint8_t>(text[at]);
    if (byte >= 0x80) return shared_->pieces.characters.RoleOf(NextCharacter(text, at));
    ++at;
    return shared_->pieces.characters.RoleOf(byte);
  }

  size_t WordEnd(std::string_view text, size_t at) const {
    for (size_t next = at; at < text.size(); at = next) {
      const CharacterRole role = NextRole(text, next);
      if (role != CharacterRole::kWord && role != CharacterRole::kNone) break;
    }
    return at;
  }

  void Word(std::string_view text, size_t begin, size_t end) {
    const std::string_view word = text.substr(begin, end - begin);
    const auto offset = static_cast<uint32_t>(begin);
    const uint64_t hash = XXH3_64bits(word.data(), word.size());
    if (memo_.Append(word, hash, offset, tokens_)) return;
    const size_t before = tokens_.size();
    cutter_.Cut(word, offset, tokens_);
    memo_.Put(word, hash, offset, std::span<const Token>(tokens_).subspan(before));
  }

  const std::shared_ptr<const Shared> shared_;
  WordCutter cutter_;
  PieceMemo memo_;
  std::vector<Token> tokens_;
};

class BertWordPiece final : public WordPiece {
 public:
  explicit BertWordPiece(WordPieceDefinition definition)
      : definition_(std::move(definition)), shared_(MakeShared(definition_)) {
    // The tokens that were added join the vocabulary only for those who ask for their text.
    for (const AddedToken& token : definition_.added) {
      if (token.id >= definition_.tokens.size()) definition_.tokens.resize(token.id + 1);
      definition_.tokens[token.id] = token.content;
    }
  }

  std::unique_ptr<Session> NewSession() const override {
    return std::make_unique<WordPieceSession>(shared_);
  }

  uint32_t vocabulary_size() const override {
    return static_cast<uint32_t>(definition_.tokens.size());
  }

  std::string_view TextOf(uint32_t id) const override {
    return id < definition_.tokens.size() ? std::string_view(definition_.tokens[id])
                                          : std::string_view();
  }

  std::optional<uint32_t> IdOf(std::string_view token) const override {
    for (const AddedToken& added : definition_.added) {
      if (added.content == token) return added.id;
    }
    const PieceTrie& trie = shared_->pieces.trie;
    const auto node = trie.Walk(PieceTrie::kRoot, token);
    return node.has_value() ? trie.IdAt(*node) : std::nullopt;
  }

  bool IsSpecial(uint32_t id) const override {
    return std::binary_search(definition_.specials.begin(), definition_.specials.end(), id);
  }

  uint32_t cls() const override { return definition_.cls; }
  uint32_t sep() const override { return definition_.sep; }
  const std::vector<std::string>& files() const override { return definition_.files; }

  std::string Fingerprint() const override {
    std::string evidence;
    const auto append = [&](uint32_t number) { absl::StrAppend(&evidence, number, ","); };
    const std::unique_ptr<Session> session = NewSession();
    for (const Token& token : session->Tokenize(kProbe)) {
      append(token.id);
      append(token.begin);
      append(token.end);
    }
    for (const std::string& token : definition_.tokens) {
      append(static_cast<uint32_t>(token.size()));
      evidence += token;
    }
    return absl::StrFormat("%016x", XXH3_64bits(evidence.data(), evidence.size()));
  }

 private:
  static std::shared_ptr<const Shared> MakeShared(const WordPieceDefinition& definition) {
    PieceTrie trie(definition.tokens);
    const auto continuing = trie.Walk(PieceTrie::kRoot, definition.continuing_prefix);
    return std::make_shared<const Shared>(
        Shared{PieceVocabulary{Characters(definition.rules), std::move(trie), continuing,
                               definition.unknown, definition.max_word_characters},
               AddedTokens(definition.added)});
  }

  WordPieceDefinition definition_;  // `tokens` with those that were added
  const std::shared_ptr<const Shared> shared_;
};

}  // namespace

std::shared_ptr<const WordPiece> MakeWordPiece(WordPieceDefinition definition) {
  return std::make_shared<BertWordPiece>(std::move(definition));
}

absl::StatusOr<std::shared_ptr<const WordPiece>> WordPiece::Open(const std::string& directory) {
  ASSIGN_OR_RETURN(WordPieceDefinition definition, ReadWordPiece(directory));
  return MakeWordPiece(std::move(definition));
}

}  // namespace foraker::model
