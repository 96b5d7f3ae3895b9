#include "tests/ranker/tiny_ranker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/ranker/checkpoint_writer.h"

namespace foraker::ranker {
namespace {

void WriteFile(const std::string& path, const std::string& contents) {
  std::ofstream(path, std::ios::binary) << contents;
  ASSERT_TRUE(std::filesystem::exists(path)) << path;
}

// The character that byte-level BPE writes for a byte: itself where it prints, else U+0100 and on.
std::string LetterOf(uint32_t byte) {
  static const auto prints = [](uint32_t b) {
    return (b >= 0x21 && b < 0x7f) || (b >= 0xa1 && b < 0xad) || (b >= 0xae && b < 0x100);
  };
  uint32_t letter = byte;
  if (!prints(byte)) {
    letter = 0x100;
    for (uint32_t before = 0; before < byte; ++before) letter += prints(before) ? 0 : 1;
  }
  return absl::StrFormat("\\u%04x", letter);
}

}  // namespace

DecoderConfig TinyConfig() {
  DecoderConfig config;
  config.family = DecoderFamily::kMistral;
  config.hidden = 32;
  config.intermediate = 64;
  config.layers = 4;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_width = 8;
  config.vocabulary = 256;
  config.max_positions = 2'000;
  return config;
}

std::string TinyRankJson(const std::string& more) {
  return absl::StrCat(R"({"template": "plain", "layer": 2, "query_offset": 1000, )",
                      R"("signal_tokens": [":", "Ġ", "["], "max_document_tokens": 160)",
                      more.empty() ? "" : ", ", more, "}");
}

std::string ByteTokenizerJson() {
  std::string vocabulary;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    absl::StrAppend(&vocabulary, byte > 0 ? "," : "", "\"", LetterOf(byte), "\":", byte);
  }
  const std::string byte_level =
      R"({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": true})";
  return absl::StrCat(R"({"version": "1.0", "truncation": null, "padding": null, )",
                      R"("added_tokens": [], "normalizer": null, "pre_tokenizer": )", byte_level,
                      R"(, "post_processor": )", byte_level, R"(, "decoder": )", byte_level,
                      R"(, "model": {"type": "BPE", "dropout": null, "unk_token": null, )",
                      R"("continuing_subword_prefix": "", "end_of_word_suffix": "", )",
                      R"("fuse_unk": false, "byte_fallback": false, "ignore_merges": false, )",
                      R"("vocab": {)", vocabulary, R"(}, "merges": []}})");
}

void WriteTinyRanker(const std::string& directory) {
  const DecoderConfig config = TinyConfig();
  const auto weights = MakeRandomWeights(config, 7);
  WriteCheckpoint(directory, config, *weights);
  WriteFile(directory + "/tokenizer.json", ByteTokenizerJson());
  WriteFile(directory + "/blockrank.json", TinyRankJson());
}

}  // namespace foraker::ranker
