// Random texts: WordPiece against its plain twin, and what its ranges must satisfy.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/characters.h"
#include "model/tokenizer/definition.h"
#include "model/tokenizer/utf8.h"
#include "model/tokenizer/wordpiece.h"
#include "tests/model/wordpiece_files.h"

namespace foraker::model {
namespace {

constexpr int kTexts = 20'000;

WordPieceDefinition ReadGolden(const std::string& name) {
  auto definition = ReadWordPiece(kWordPieceGolden + name);
  EXPECT_TRUE(definition.ok()) << definition.status();
  return *std::move(definition);
}

// Parts that meet in ways that matter, random characters and random bytes.
std::string RandomText(std::mt19937_64& random) {
  static constexpr std::array<std::string_view, 40> kParts = {
      "a",      "the",          "ing",          "able",   "want",
      "[MASK]", "[CLS]",        "[MASK",        "]",      "H",
      "\u00c9", "e\u0301",      "\u0301",       "\u0130", "\u0131",
      "\u00df", "\ufb01",       "\u200b",       "\u200d", "\ufffd",
      "\t",     "\x0b",         "\u0085",       "\u00a0", "\u2028",
      "\u4e2d", "\u56fd",       "\ud55c\uad6d", "\u2260", "\u226e",
      "\u037e", "\U0001f680",   "\u0627",       "\u05d0", "!",
      "\u3002", "\u304b\u3099", "\uf900",       " ",      "  "};
  const auto below = [&](uint32_t bound) { return static_cast<uint32_t>(random() % bound); };
  std::string text;
  for (uint32_t parts = below(12); parts > 0; --parts) {
    const uint32_t kind = below(20);
    if (kind < 16) {
      text += kParts[below(kParts.size())];
    } else if (kind == 16) {
      text += std::string(below(120), 'x');
    } else {
      text.push_back(static_cast<char>(below(256)));
    }
  }
  return text;
}

// BERT's steps one after the other over the whole text, pieces looked up in a map.
class PlainWordPiece {
 public:
  explicit PlainWordPiece(const WordPieceDefinition& definition)
      : definition_(definition), characters_(definition.rules) {
    for (uint32_t id = 0; id < definition.tokens.size(); ++id) ids_[definition.tokens[id]] = id;
  }

  std::vector<Token> Tokenize(std::string_view text) {
    tokens_.clear();
    word_.clear();
    for (size_t at = 0; at < text.size();) {
      if (const AddedToken* added = AddedAt(text, at); added != nullptr) {
        EndWord();
        const size_t end = at + added->content.size();
        tokens_.push_back({added->id, static_cast<uint32_t>(at), static_cast<uint32_t>(end)});
        at = end;
        continue;
      }
      const size_t begin = at;
      const char32_t c = NextCharacter(text, at);
      const CharacterRole role = characters_.RoleOf(c);
      if (role == CharacterRole::kSpace || role == CharacterRole::kAlone) EndWord();
      if (role != CharacterRole::kSpace) AddCharacter(c, begin, at);
      if (role == CharacterRole::kAlone) EndWord();
    }
    EndWord();
    return tokens_;
  }

 private:
  struct Folded {
    std::string bytes;  // one character
    uint32_t begin, end;
  };

  const AddedToken* AddedAt(std::string_view text, size_t at) const {
    for (const AddedToken& added : definition_.added) {
      if (text.substr(at, added.content.size()) == added.content) return &added;
    }
    return nullptr;
  }

  void AddCharacter(char32_t c, size_t begin, size_t end) {
    std::string folded;
    characters_.Fold(c, folded);
    for (size_t i = 0; i < folded.size();) {
      const size_t from = i;
      NextCharacter(folded, i);
      word_.push_back({folded.substr(from, i - from), static_cast<uint32_t>(begin),
                       static_cast<uint32_t>(end)});
    }
  }

  void EndWord() {
    if (word_.empty()) return;
    std::vector<Token> pieces;
    if (word_.size() > definition_.max_word_characters || !Cut(pieces)) {
      pieces = {{definition_.unknown, word_.front().begin, word_.back().end}};
    }
    tokens_.insert(tokens_.end(), pieces.begin(), pieces.end());
    word_.clear();
  }

  bool Cut(std::vector<Token>& pieces) const {
    for (size_t begin = 0; begin < word_.size();) {
      size_t end = word_.size();
      for (; end > begin; --end) {
        std::string piece = begin == 0 ? "" : definition_.continuing_prefix;
        for (size_t i = begin; i < end; ++i) piece += word_[i].bytes;
        if (const auto found = ids_.find(piece); found != ids_.end()) {
          pieces.push_back({found->second, word_[begin].begin, word_[end - 1].end});
          break;
        }
      }
      if (end == begin) return false;
      begin = end;
    }
    return true;
  }

  const WordPieceDefinition& definition_;
  const Characters characters_;
  std::map<std::string, uint32_t> ids_;
  std::vector<Folded> word_;
  std::vector<Token> tokens_;
};

class WordPiecePropertyTest : public ::testing::TestWithParam<const char*> {
 protected:
  WordPiecePropertyTest() { RecordProperty("seed", std::to_string(seed_)); }

  const uint64_t seed_ = std::random_device{}();
  std::mt19937_64 random_{seed_};
};

TEST_P(WordPiecePropertyTest, GivesTheTokensOfThePlainAlgorithm) {
  const WordPieceDefinition definition = ReadGolden(GetParam());
  PlainWordPiece plain(definition);
  const auto session = MakeWordPiece(definition)->NewSession();
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = RandomText(random_);
    ASSERT_EQ(session->Tokenize(text), plain.Tokenize(text)) << text << ", seed " << seed_;
  }
}

TEST_P(WordPiecePropertyTest, RangesAscendOnCharactersAndCoverAllThatDoesNotVanish) {
  const WordPieceDefinition definition = ReadGolden(GetParam());
  const Characters characters(definition.rules);
  const auto session = MakeWordPiece(definition)->NewSession();
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = RandomText(random_);
    SCOPED_TRACE(text + ", seed " + std::to_string(seed_));
    std::vector<bool> starts(text.size() + 1, false);
    std::vector<bool> left(text.size(), false);  // begins of characters that some token must hold
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      starts[begin] = true;
      const CharacterRole role = characters.RoleOf(NextCharacter(text, at));
      left[begin] = role == CharacterRole::kWord || role == CharacterRole::kAlone;
    }
    starts[text.size()] = true;
    Token last = {0, 0, 0};
    for (const Token& token : session->Tokenize(text)) {
      // Pieces of one character share its range; otherwise each begins where the last has ended.
      ASSERT_TRUE(token.begin >= last.end || (token.begin >= last.begin && token.end >= last.end));
      ASSERT_LT(token.begin, token.end);
      ASSERT_LE(token.end, text.size());
      ASSERT_TRUE(starts[token.begin] && starts[token.end]);
      std::fill(left.begin() + token.begin, left.begin() + token.end, false);
      last = token;
    }
    ASSERT_EQ(std::count(left.begin(), left.end(), true), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, WordPiecePropertyTest,
                         ::testing::Values("uncased", "cased", "accents", "unclean", "plain"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace foraker::model
