// tokenizer.model, held against the SentencePiece library.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "model/tokenizer/sentencepiece_model.h"
#include "tests/model/sentencepiece_oracle.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using ::testing::HasSubstr;
using Kind = SentencePieceModel::Kind;

const std::string kSmall = "tests/golden/decoder_tokenizers/sentencepiece/tokenizer.model";

// Languages, wide characters, ligatures, runs of spaces and line ends, and what no vocabulary has.
const std::string kTexts[] = {
    "The  weather   is\n\n fine: 3.14 \uff21\u2460 \ufb01nal caf\u00e9 cafe\u0301 \u6771\u4eac "
    "\u0627\u0644\u0644\u063a\u0629 \u043d\u0435\u0449\u043e====== \U0001F999\t\u00a0\u0378 ",
    "Which document is most relevant to answer the query?",
    " ",
    "",
    "a",
    "  two before",
    "document to answer, document to answer"};

std::string Shared() {
  const char* given = std::getenv("FORAKER_SHARED");
  return std::string(given != nullptr ? given : "../shared") + "/models/tokenizers/";
}

void ExpectAsTheLibraryReads(const std::string& path) {
  const auto bytes = base::ReadFile(path);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto library = SentencePieceOracle::Load(*bytes);
  ASSERT_NE(library, nullptr);
  const auto model = ReadSentencePieceModel(*bytes);
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_EQ(model->pieces.size(), library->size());
  for (size_t id = 0; id < library->size(); ++id) {
    const SentencePieceModel::Piece& piece = model->pieces[id];
    EXPECT_EQ(piece.text, library->TextOf(id));
    EXPECT_EQ(piece.score, library->ScoreOf(id)) << id;
    EXPECT_EQ(piece.kind == Kind::kUnknown, library->IsUnknown(id)) << id;
    EXPECT_EQ(piece.kind == Kind::kControl, library->IsControl(id)) << id;
    EXPECT_EQ(piece.kind == Kind::kByte, library->IsByte(id)) << id;
  }

  // A space before the text, as the library adds it; texts hold no added tokens.
  const TemporaryDirectory directory;
  directory.Write("tokenizer.model", *bytes);
  const auto tokenizer = DecoderTokenizer::Open(directory.path());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  for (const std::string& text : kTexts) {
    std::vector<uint32_t> ids;
    (*tokenizer)->Encode(text, ids);
    EXPECT_EQ(ids, library->Encode(text)) << text;
  }
}

TEST(SentencePieceTest, ASmallModelIsReadAndAppliedAsTheLibraryDoes) {
  ExpectAsTheLibraryReads(kSmall);
}

TEST(SentencePieceTest, MistralsModelIsReadAndAppliedAsTheLibraryDoes) {
  const std::string path = Shared() + "mistral-v3.tokenizer.model";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  ExpectAsTheLibraryReads(path);
}

TEST(SentencePieceTest, AModelIsRefusedWhereverItIsCutOff) {
  const auto bytes = base::ReadFile(kSmall);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const size_t whole = ReadSentencePieceModel(*bytes)->pieces.size();
  for (size_t end = 0; end < std::min<size_t>(bytes->size(), 3000); ++end) {
    const auto cut = ReadSentencePieceModel(std::string_view(*bytes).substr(0, end));
    if (cut.ok()) {
      EXPECT_LT(cut->pieces.size(), whole);
    } else {
      EXPECT_EQ(cut.status().code(), absl::StatusCode::kInvalidArgument);
    }
  }
}

TEST(SentencePieceTest, UnknownTypesOfPiecesAreRefused) {
  const std::string_view piece("\x0a\x05\x0a\x01x\x18\x07", 7);
  const auto read = ReadSentencePieceModel(piece);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("\"x\" is of the unknown type 7"));
}

}  // namespace
}  // namespace foraker::model
