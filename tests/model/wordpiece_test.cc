// Tokens of texts, held against Hugging Face `tokenizers` (tests/golden/make_wordpiece.py).

#include "model/tokenizer/wordpiece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "model/tokenizer/characters.h"
#include "tests/model/wordpiece_files.h"

namespace foraker::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Token> Tokens(const WordPiece& tokenizer, std::string_view text) {
  return tokenizer.NewSession()->Tokenize(text);
}

std::vector<std::string> Pieces(const WordPiece& tokenizer, std::string_view text) {
  std::vector<std::string> pieces;
  for (const Token& token : Tokens(tokenizer, text))
    pieces.emplace_back(tokenizer.TextOf(token.id));
  return pieces;
}

// The bytes of the text that each token came from.
std::vector<std::string> Sources(const WordPiece& tokenizer, std::string_view text) {
  std::vector<std::string> sources;
  for (const Token& token : Tokens(tokenizer, text)) {
    sources.emplace_back(text.substr(token.begin, token.end - token.begin));
  }
  return sources;
}

std::shared_ptr<const WordPiece> OpenBert() {
  auto tokenizer = WordPiece::Open(SharedFile("models/splade-tiny"));
  return tokenizer.ok() ? *tokenizer : nullptr;
}

TEST(WordPieceTest, CutsWordsIntoTheLongestPiecesFirst) {
  const auto tokenizer = OpenGolden("uncased");
  EXPECT_THAT(Pieces(*tokenizer, "Unable, running newest"),
              ElementsAre("un", "##able", ",", "runn", "##ing", "new", "##e", "##s", "##t"));
}

TEST(WordPieceTest, RangesAreBytesOfTheOriginalText) {
  const auto tokenizer = OpenGolden("uncased");
  EXPECT_THAT(Sources(*tokenizer, "Caf\u00e9 \u6771\u4eac!"),
              ElementsAre("Caf\u00e9", "\u6771", "\u4eac", "!"));
}

TEST(WordPieceTest, WhatVanishesInsideAPieceIsInItsRangeAndAtItsEdgesIsNot) {
  const auto tokenizer = OpenGolden("uncased");
  EXPECT_THAT(Sources(*tokenizer, "\u200bcaf\u00ade\u0301\u200b"), ElementsAre("caf\u00ade"));
}

TEST(WordPieceTest, BytesThatAreNotUtf8VanishAsTheReplacementCharacterDoes) {
  const auto tokenizer = OpenGolden("uncased");
  EXPECT_THAT(Pieces(*tokenizer, "hel\xff\xc3lo \xf0\x9f\xa6 \x80"), ElementsAre("hello"));
  EXPECT_THAT(Pieces(*OpenGolden("unclean"), "\xff"), ElementsAre("\ufffd"));
}

TEST(WordPieceTest, ASessionGivesTheSameTokensAgain) {
  const auto tokenizer = OpenGolden("uncased");
  const auto session = tokenizer->NewSession();
  const std::vector<Token> first = session->Tokenize("the cafe wanted tokens");
  EXPECT_EQ(session->Tokenize("the cafe wanted tokens"), first);
  EXPECT_THAT(session->Tokenize(""), IsEmpty());
}

TEST(WordPieceTest, SessionsOfOneTokenizerWorkAtOnce) {
  const auto tokenizer = OpenGolden("uncased");
  const std::string text = "the cafe wanted tokens \u6771\u4eac [MASK]";
  const std::vector<Token> expected = Tokens(*tokenizer, text);
  std::vector<std::vector<Token>> got(4);
  std::vector<std::thread> threads;
  threads.reserve(got.size());
  for (auto& tokens : got) threads.emplace_back([&] { tokens = Tokens(*tokenizer, text); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& tokens : got) EXPECT_EQ(tokens, expected);
}

TEST(WordPieceTest, KnowsItsVocabularyAndItsSpecialTokens) {
  const auto tokenizer = OpenGolden("added");
  const auto added = tokenizer->IdOf("<word>");
  ASSERT_TRUE(added.has_value());
  EXPECT_EQ(tokenizer->TextOf(*added), "<word>");
  EXPECT_FALSE(tokenizer->IsSpecial(*added));
  EXPECT_EQ(tokenizer->vocabulary_size(), *tokenizer->IdOf("new token") + 1);
  for (const char* special : {"[PAD]", "<none>", "[CLS]", "[SEP]", "[MASK]", "<right>"}) {
    EXPECT_TRUE(tokenizer->IsSpecial(*tokenizer->IdOf(special))) << special;
  }
  EXPECT_FALSE(tokenizer->IsSpecial(*tokenizer->IdOf("hello")));
  EXPECT_EQ(tokenizer->TextOf(tokenizer->cls()), "[CLS]");
  EXPECT_EQ(tokenizer->TextOf(tokenizer->sep()), "[SEP]");
  EXPECT_EQ(tokenizer->IdOf("hell"), std::nullopt);
  EXPECT_EQ(tokenizer->TextOf(tokenizer->vocabulary_size()), "");
}

TEST(WordPieceTest, FingerprintsStayAndDifferWithTheRules) {
  EXPECT_EQ(OpenGolden("uncased")->Fingerprint(), "746954797ff612c5");
  EXPECT_EQ(OpenGolden("cased")->Fingerprint(), "6d0892e7c25a2465");
  EXPECT_EQ(OpenGolden("accents")->Fingerprint(), "d0e6c850e1166d2d");
  EXPECT_EQ(OpenGolden("unclean")->Fingerprint(), "8adf9cf5c9a03e68");
}

TEST(WordPieceGoldenTest, NastyTextsGiveTheTokensOfHuggingFace) {
  std::map<std::string, std::unique_ptr<WordPiece::Session>> sessions;
  for (const JsonObject& line : ReadJsonLines(kWordPieceGolden + "cases.jsonl")) {
    const auto name = Field<std::string>(line, "tokenizer");
    const auto text = Field<std::string>(line, "text");
    const auto ids = Field<std::vector<uint64_t>>(line, "ids");
    const auto begins = Field<std::vector<uint64_t>>(line, "begins");
    const auto ends = Field<std::vector<uint64_t>>(line, "ends");
    std::vector<Token> expected;
    for (size_t i = 0; i < ids.size(); ++i) {
      expected.push_back({static_cast<uint32_t>(ids[i]), static_cast<uint32_t>(begins.at(i)),
                          static_cast<uint32_t>(ends.at(i))});
    }
    auto& session = sessions[name];
    if (session == nullptr) session = OpenGolden(name)->NewSession();
    EXPECT_EQ(session->Tokenize(text), expected) << name << ": " << text;
  }
}

// The line of a character as make_wordpiece.py writes it.
std::string Describe(const Characters& characters, UChar32 c) {
  std::string folded;
  switch (characters.RoleOf(static_cast<char32_t>(c))) {
    case CharacterRole::kNone:
      return absl::StrCat(c, " none \n");
    case CharacterRole::kSpace:
      return absl::StrCat(c, " space \n");
    case CharacterRole::kAlone:
      characters.Fold(static_cast<char32_t>(c), folded);
      return absl::StrCat(c, " alone ", folded, "\n");
    case CharacterRole::kWord:
      characters.Fold(static_cast<char32_t>(c), folded);
      return absl::StrCat(c, " word ", folded, "\n");
  }
  return "";
}

bool InUnicode14(UChar32 c) {
  UVersionInfo age;
  u_charAge(c, age);
  return u_isdefined(c) && !U_IS_SURROGATE(c) && age[0] <= 14;
}

TEST(WordPieceGoldenTest, EveryCharacterIsTreatedAsHuggingFaceDoes) {
  for (const JsonObject& line : ReadJsonLines(kWordPieceGolden + "characters.jsonl")) {
    CharacterRules rules;
    rules.strip_accents = Field<bool>(line, "strip_accents");
    const Characters characters(rules);
    const auto first = static_cast<UChar32>(Field<uint64_t>(line, "first"));
    std::string block;
    for (UChar32 c = first; c < first + 0x1000; ++c) {
      if (InUnicode14(c)) block += Describe(characters, c);
    }
    EXPECT_EQ(std::count(block.begin(), block.end(), '\n'), Field<uint64_t>(line, "assigned"));
    EXPECT_EQ(absl::StrFormat("%016x", XXH3_64bits(block.data(), block.size())),
              Field<std::string>(line, "xxh3"))
        << "from U+" << std::hex << first << (rules.strip_accents ? "" : " with accents");
  }
}

TEST(WordPieceGoldenTest, TextsOfLlamaCppGiveItsIds) {
  const std::string stem = SharedFile("models/tokenizers/ggml-vocab-bert-bge.gguf");
  const auto inputs = base::ReadFile(stem + ".inp");
  const auto outputs = base::ReadFile(stem + ".out");
  const auto tokenizer = OpenBert();
  if (!inputs.ok() || !outputs.ok() || tokenizer == nullptr) {
    GTEST_SKIP() << stem << " is not there";
  }
  const std::string separator = "\n__ggml_vocab_test__\n";
  std::istringstream expected(*outputs);
  size_t texts = 0;
  for (size_t begin = 0; begin < inputs->size(); ++texts) {
    const size_t end = inputs->find(separator, begin);
    std::string line;
    ASSERT_TRUE(std::getline(expected, line)) << "text " << texts;
    std::string ids;
    const std::string text = inputs->substr(begin, end - begin);
    for (const Token& token : Tokens(*tokenizer, text)) absl::StrAppend(&ids, " ", token.id);
    EXPECT_EQ(ids, line) << text;
    if (end == std::string::npos) break;
    begin = end + separator.size();
  }
  EXPECT_GT(texts, 40u);
}

struct Digest {
  uint64_t texts = 0;
  uint64_t tokens = 0;
  std::string xxh3;

  friend bool operator==(const Digest&, const Digest&) = default;
  friend void PrintTo(const Digest& digest, std::ostream* out) {
    *out << digest.texts << " texts, " << digest.tokens << " tokens, " << digest.xxh3;
  }
};

Digest DigestOf(const std::string& folder, WordPiece::Session& session) {
  Digest digest;
  std::vector<uint32_t> numbers;
  for (const char* part : {"/corpus.jsonl", "/queries.jsonl"}) {
    for (const JsonObject& object : ReadJsonLines(folder + part)) {
      std::string title;
      EXPECT_TRUE(object.Get("title", title).ok());
      ++digest.texts;
      for (const Token& token :
           session.Tokenize(title + " " + Field<std::string>(object, "text"))) {
        numbers.insert(numbers.end(), {token.id, token.begin, token.end});
      }
    }
  }
  digest.tokens = numbers.size() / 3;
  digest.xxh3 =
      absl::StrFormat("%016x", XXH3_64bits(numbers.data(), numbers.size() * sizeof(uint32_t)));
  return digest;
}

TEST(WordPieceGoldenTest, TheCollectionsGiveTheTokensOfHuggingFace) {
  const auto tokenizer = OpenBert();
  if (tokenizer == nullptr) GTEST_SKIP() << SharedFile("models/splade-tiny") << " is not there";
  const auto session = tokenizer->NewSession();
  for (const JsonObject& line : ReadJsonLines(kWordPieceGolden + "collections.jsonl")) {
    const auto name = Field<std::string>(line, "collection");
    const Digest expected = {Field<uint64_t>(line, "texts"), Field<uint64_t>(line, "tokens"),
                             Field<std::string>(line, "xxh3")};
    EXPECT_EQ(DigestOf(SharedFile("data/" + name), *session), expected) << name;
  }
}

}  // namespace
}  // namespace foraker::model
