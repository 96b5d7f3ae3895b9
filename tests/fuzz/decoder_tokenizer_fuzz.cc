// Arbitrary bytes as a text for a decoder's tokenizer, or as the files that one is read from. The
// first byte chooses: 'J' the rest is a tokenizer.json, up to a NUL that tokenizer_config.json may
// follow; 'M' it is a tokenizer.model; any other chooses a small tokenizer, and the next two, as
// eighths of the text, a plain range of the rest.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "model/json/json_object.h"
#include "model/tokenizer/decoder_definition.h"
#include "tests/fuzz/require.h"

namespace foraker::model {
namespace {

struct Small {
  std::shared_ptr<const DecoderTokenizer> tokenizer;
  std::vector<uint32_t> added;  // ids that no vocabulary has
};

void CheckIds(const DecoderTokenizer& tokenizer, std::string_view text, TextRange plain,
              const std::vector<uint32_t>& never) {
  std::vector<uint32_t> ids;
  tokenizer.Encode(text, plain, ids);
  for (const uint32_t id : ids) {
    Require(id < tokenizer.vocabulary_size() && !tokenizer.TokenOf(id).empty());
    Require(std::find(never.begin(), never.end(), id) == never.end());
  }
}

constexpr std::string_view kSplit =
    R"json({"type": "Sequence", "pretokenizers": [{"type": "Split", "behavior": "Isolated",
        "pattern": {"Regex": "[a-z]+|\\p{N}{1,3}|\\s+(?!\\S)"}},
        {"type": "ByteLevel", "add_prefix_space": true, "use_regex": false}]})json";

// Byte-level with each way to cut, and SentencePiece's with each way to put a mark before a text.
Small MakeSmall(size_t choice) {
  constexpr std::array<std::string_view, 4> kSteps = {
      R"("pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false})",
      R"("normalizer": {"type": "NFC"}, "pre_tokenizer": )",
      R"("normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"},
         {"type": "Replace", "pattern": {"String": " "}, "content": "_"}]})",
      R"("pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first",
         "split": false})"};
  std::string steps(kSteps[choice % kSteps.size()]);
  if (choice % kSteps.size() == 1) steps += kSplit;
  const std::string json = absl::StrFormat(
      R"({"added_tokens": [{"id": 40, "content": "<a>", "normalized": %s, "lstrip": true},
          {"id": 41, "content": "<b>", "normalized": false, "rstrip": true},
          {"id": 42, "content": "<c>", "normalized": false, "single_word": true}], %s,
          "model": {"type": "BPE", "unk_token": "?", "fuse_unk": %s, "vocab": {"?": 0, "a": 1,
            "b": 2, "ab": 3, "Ġ": 4, "Ġa": 5, "_": 6, "_a": 7, "__": 8, "é": 9, "Ã": 10, "©": 11,
            "Ã©": 12, "<": 13, "<a": 14},
          "merges": ["a b", "Ġ a", "_ a", "_ _", "Ã ©", "< a"]}})",
      choice >= 4 ? "true" : "false", steps, choice >= 4 ? "false" : "true");
  auto definition = ParseDecoderJson(json, "tokenizer.json", nullptr);
  Require(definition.ok());
  return {MakeDecoderTokenizer(*std::move(definition)), {40, 41, 42}};
}

void EncodeText(uint8_t choice, std::string_view input) {
  static std::array<Small, 8> smalls;
  Small& small = smalls[choice % smalls.size()];
  if (small.tokenizer == nullptr) small = MakeSmall(choice % smalls.size());
  if (input.size() < 2) return;
  const std::string_view text = input.substr(2);
  const auto place = [&](char byte) { return text.size() * (static_cast<uint8_t>(byte) % 9) / 8; };
  CheckIds(*small.tokenizer, text, {place(input[0]), place(input[1])}, {});
  CheckIds(*small.tokenizer, text, {0, text.size()}, small.added);
}

void ReadAndEncode(uint8_t kind, std::string_view input) {
  const size_t split = kind == 'J' ? std::min(input.find('\0'), input.size()) : input.size();
  std::optional<JsonObject> config;
  if (split < input.size()) {
    auto parsed = JsonObject::Parse(input.substr(split + 1), "tokenizer_config.json");
    if (!parsed.ok()) return;
    config = *std::move(parsed);
  }
  const JsonObject* const stated = config.has_value() ? &*config : nullptr;
  auto definition = kind == 'J' ? ParseDecoderJson(input.substr(0, split), "tokenizer.json", stated)
                                : ParseSentencePiece(input, "tokenizer.model", nullptr);
  if (!definition.ok()) return;
  const auto tokenizer = MakeDecoderTokenizer(*std::move(definition));
  CheckIds(*tokenizer, input, {}, {});
  CheckIds(*tokenizer, input, {input.size() / 4, input.size() / 2}, {});
}

}  // namespace
}  // namespace foraker::model

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace foraker::model;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'J' || data[0] == 'M') {
    ReadAndEncode(data[0], input);
  } else {
    EncodeText(data[0], input);
  }
  return 0;
}
