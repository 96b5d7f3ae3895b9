// Arbitrary bytes as a text for WordPiece, or as the files that one is read from. The first byte
// chooses: its low four bits the rules of a small tokenizer that cuts the rest; or 'J' the rest is
// a tokenizer.json, 'V' a vocab.txt, in both up to a NUL that tokenizer_config.json may follow.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/json/json_object.h"
#include "model/tokenizer/definition.h"
#include "model/tokenizer/wordpiece.h"
#include "tests/fuzz/require.h"

namespace foraker::model {
namespace {

void CheckTokens(const WordPiece& tokenizer, WordPiece::Session& session, std::string_view text) {
  uint32_t begin = 0;
  uint32_t end = 0;
  for (const Token& token : session.Tokenize(text)) {
    Require(token.id < tokenizer.vocabulary_size() && !tokenizer.TextOf(token.id).empty());
    Require(token.begin >= begin && token.end >= end);
    Require(token.begin < token.end && token.end <= text.size());
    begin = token.begin;
    end = token.end;
  }
}

struct Cutter {
  std::shared_ptr<const WordPiece> tokenizer;
  std::unique_ptr<WordPiece::Session> session;
};

// Kept, because a table of all characters takes longer to make than a run.
Cutter& CutterOf(uint8_t choice) {
  static std::array<Cutter, 16> cutters;
  Cutter& cutter = cutters[choice % cutters.size()];
  if (cutter.tokenizer != nullptr) return cutter;
  auto definition = ParseVocabularyFile(
      "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nab\nthe\n##a\n##b\n##ab\n##abc\n!\n.\n[\n]\n"
      "\u00e9\n##\u00e9\n\u4e2d\n\u56fd\n##\u56fd\n\u0130\n##i\ni\n\u1112\n##\u1161\n##\u11ab\n",
      "vocab.txt", nullptr);
  Require(definition.ok());
  definition->rules = {.clean_text = (choice & 1) == 0,
                       .ideographs_apart = (choice & 2) == 0,
                       .strip_accents = (choice & 4) == 0,
                       .lower_case = (choice & 8) == 0};
  definition->added.push_back({.content = "<a>", .id = 40, .single_word = true});
  definition->added.push_back({.content = "<b>", .id = 41, .lstrip = true, .rstrip = true});
  cutter.tokenizer = MakeWordPiece(*std::move(definition));
  cutter.session = cutter.tokenizer->NewSession();
  return cutter;
}

void ReadAndCut(uint8_t kind, std::string_view input) {
  const size_t split = std::min(input.find('\0'), input.size());
  const std::string_view file = input.substr(0, split);
  std::optional<JsonObject> config;
  if (split < input.size()) {
    auto parsed = JsonObject::Parse(input.substr(split + 1), "tokenizer_config.json");
    if (!parsed.ok()) return;
    config = *std::move(parsed);
  }
  const JsonObject* const stated = config.has_value() ? &*config : nullptr;
  auto definition = kind == 'J' ? ParseTokenizerJson(file, "tokenizer.json", stated)
                                : ParseVocabularyFile(file, "vocab.txt", stated);
  if (!definition.ok()) return;
  const auto tokenizer = MakeWordPiece(*std::move(definition));
  CheckTokens(*tokenizer, *tokenizer->NewSession(), input);
}

}  // namespace
}  // namespace foraker::model

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace foraker::model;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'J' || data[0] == 'V') {
    ReadAndCut(data[0], input);
  } else {
    Cutter& cutter = CutterOf(data[0]);
    CheckTokens(*cutter.tokenizer, *cutter.session, input);
  }
  return 0;
}
