// Tokenizers as they were published: those of ../shared/models/tokenizers, and, where the
// environment names a folder FORAKER_TOKENIZERS with NAME/tokenizer.json, GPT-2's, Llama 3's and
// Qwen 2's (tests/golden/make_published_tokenizers.py makes them). What is not there is skipped.

#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/string_view.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "tests/model/wordpiece_files.h"
#include "tests/support/temporary_directory.h"

namespace foraker::model {
namespace {

using Tokenizer = std::shared_ptr<const DecoderTokenizer>;

const std::string kCollections = "tests/golden/decoder_tokenizers/collections.jsonl";

// Null when it is not there; files of ../shared are put in a folder under the names that a model's
// have.
Tokenizer OpenPublished(const std::string& name) {
  TemporaryDirectory directory;
  std::string folder = directory.path();
  if (name == "shared:llama2") {
    const std::string file = SharedFile("models/tokenizers/llama2.tokenizer.json");
    if (!base::FileExists(file)) return nullptr;
    std::filesystem::copy(file, directory.File("tokenizer.json"));
  } else if (name == "shared:mistral-v3") {
    const std::string file = SharedFile("models/tokenizers/mistral-v3.tokenizer.model");
    if (!base::FileExists(file)) return nullptr;
    std::filesystem::copy(file, directory.File("tokenizer.model"));
    directory.Write("tokenizer_config.json", R"({"legacy": false, "add_prefix_space": true})");
  } else if (name.starts_with("published:")) {
    const char* published = std::getenv("FORAKER_TOKENIZERS");
    if (published == nullptr) return nullptr;
    folder = absl::StrFormat("%s/%s", published, name.substr(name.find(':') + 1));
  } else {
    folder = "tests/golden/decoder_tokenizers/" + name;
  }
  auto tokenizer = DecoderTokenizer::Open(folder);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return tokenizer.ok() ? *tokenizer : nullptr;
}

std::string Contents(const std::string& path) {
  auto contents = base::ReadFile(path);
  EXPECT_TRUE(contents.ok()) << contents.status();
  return contents.ok() ? *std::move(contents) : std::string();
}

// The texts of ggml-vocab-NAME.gguf.inp and the ids of .out, a line each.
void ExpectLlamaCppIds(const std::string& name, const std::string& tokenizer_name) {
  const std::string file = SharedFile("models/tokenizers/ggml-vocab-" + name + ".gguf");
  if (!base::FileExists(file + ".inp")) GTEST_SKIP() << file << ".inp is not there";
  const Tokenizer tokenizer = OpenPublished(tokenizer_name);
  if (tokenizer == nullptr) GTEST_SKIP() << tokenizer_name << " is not there";
  const std::string inputs = Contents(file + ".inp");
  const std::string outputs = Contents(file + ".out");
  const std::vector<std::string> texts = absl::StrSplit(inputs, "\n__ggml_vocab_test__\n");
  const std::vector<std::string> lines = absl::StrSplit(outputs, '\n');
  ASSERT_EQ(texts.size(), lines.size());
  ASSERT_GT(texts.size(), 40u);
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<uint32_t> expected;
    for (const auto& id : absl::StrSplit(lines[i], ' ', absl::SkipEmpty())) {
      uint32_t number = 0;
      ASSERT_TRUE(absl::SimpleAtoi(id, &number)) << id;
      expected.push_back(number);
    }
    std::vector<uint32_t> ids;
    tokenizer->Encode(texts[i], ids);
    EXPECT_EQ(ids, expected) << texts[i];
  }
}

TEST(PublishedTokenizersTest, Llama2GivesTheIdsOfLlamaCpp) {
  ExpectLlamaCppIds("llama-spm", "shared:llama2");
}
TEST(PublishedTokenizersTest, Gpt2GivesTheIdsOfLlamaCpp) {
  ExpectLlamaCppIds("gpt-2", "published:gpt-2");
}
TEST(PublishedTokenizersTest, Llama3GivesTheIdsOfLlamaCpp) {
  ExpectLlamaCppIds("llama-bpe", "published:llama-bpe");
}
TEST(PublishedTokenizersTest, Qwen2GivesTheIdsOfLlamaCpp) {
  ExpectLlamaCppIds("qwen2", "published:qwen2");
}

struct Digest {
  uint64_t tokens = 0;
  std::string xxh3;
  friend bool operator==(const Digest&, const Digest&) = default;
};

Digest DigestOf(const std::string& collection, const DecoderTokenizer& tokenizer) {
  std::vector<uint32_t> ids;
  for (const char* part : {"corpus", "queries"}) {
    for (const JsonObject& object :
         ReadJsonLines(absl::StrFormat("%s/%s.jsonl", collection, part))) {
      std::string title;
      EXPECT_TRUE(object.Get("title", title).ok());
      tokenizer.Encode(title + " " + Field<std::string>(object, "text"), ids);
    }
  }
  return {ids.size(), absl::StrFormat("%016x", XXH3_64bits(ids.data(), ids.size() * 4))};
}

// Those of the golden file whose names begin with `prefix`, "" for the small ones of our own.
void ExpectDigests(std::string_view prefix) {
  if (!base::FileExists(SharedFile("data/README.md"))) GTEST_SKIP() << "no ../shared/data";
  std::string name;
  Tokenizer tokenizer;
  size_t compared = 0;
  for (const JsonObject& line : ReadJsonLines(kCollections)) {
    const auto next = Field<std::string>(line, "tokenizer");
    const bool wanted =
        prefix.empty() ? next.find(':') == std::string::npos : next.starts_with(prefix);
    if (!wanted) continue;
    if (next != name) tokenizer = OpenPublished(next);
    name = next;
    if (tokenizer == nullptr) continue;
    const auto collection = Field<std::string>(line, "collection");
    const Digest expected = {Field<uint64_t>(line, "tokens"), Field<std::string>(line, "xxh3")};
    EXPECT_EQ(DigestOf(SharedFile("data/" + collection), *tokenizer), expected)
        << name << ", " << collection;
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << prefix << " are not there";
}

TEST(PublishedTokenizersTest, CollectionsThroughSmallTokenizersGiveTheIdsOfHuggingFace) {
  ExpectDigests("");
}
TEST(PublishedTokenizersTest, CollectionsThroughLlama2GiveTheIdsOfHuggingFace) {
  ExpectDigests("shared:llama2");
}
TEST(PublishedTokenizersTest, CollectionsThroughMistralGiveTheIdsOfHuggingFace) {
  ExpectDigests("shared:mistral-v3");
}
TEST(PublishedTokenizersTest, CollectionsThroughTheOthersGiveTheIdsOfHuggingFace) {
  ExpectDigests("published:");
}

}  // namespace
}  // namespace foraker::model
