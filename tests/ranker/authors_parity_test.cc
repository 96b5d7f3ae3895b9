// Token ids, positions and scores against the authors' own code (tests/golden/ranker/authors),
// through the code that loads and runs a released checkpoint: a directory with config.json,
// safetensors, the tokenizer of Mistral v3 and blockrank.json.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ranker/block_ranker.h"
#include "ranker/decoder/pass.h"
#include "ranker/prompt/prompt_builder.h"
#include "tests/ranker/authors_golden.h"
#include "tests/ranker/checkpoint_writer.h"
#include "tests/support/temporary_directory.h"

namespace foraker::ranker {
namespace {

using retrieval::RankPrecision;
using ::testing::HasSubstr;

constexpr char kTokenizer[] = "../shared/models/tokenizers/mistral-v3.tokenizer.model";
constexpr std::pair<const char*, Variant> kVariants[] = {{"paper", Variant::kPaper},
                                                         {"last_token", Variant::kLastToken},
                                                         {"two_tokens", Variant::kTwoTokens},
                                                         {"all_keys", Variant::kAllKeys}};

class AuthorsParityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kTokenizer)) {
      GTEST_SKIP() << "needs " << kTokenizer << ", the tokenizer of Mistral v3";
    }
  }

  // As Mistral-7B-Instruct-v0.3 sets it up.
  static void WriteTokenizer(const TemporaryDirectory& directory) {
    std::filesystem::copy_file(kTokenizer, directory.File("tokenizer.model"));
    directory.Write("tokenizer_config.json",
                    R"({"add_bos_token": true, "add_prefix_space": true, "legacy": false,
                        "tokenizer_class": "LlamaTokenizer", "bos_token": "<s>",
                        "eos_token": "</s>", "unk_token": "<unk>"})");
  }

  static void WriteModel(const TemporaryDirectory& directory, const AuthorsModel& model,
                         const CheckpointOptions& options) {
    WriteTokenizer(directory);
    WriteCheckpoint(directory.path(), model.config, *MakeRandomWeights(model.config, model.seed),
                    options);
    directory.Write("blockrank.json", absl::StrCat("{\"layer\": ", model.layer, "}"));
  }

  static std::unique_ptr<BlockRanker> Open(const TemporaryDirectory& directory) {
    auto ranker = BlockRanker::Open(
        directory.path(),
        {.precisions = {RankPrecision::kF32}, .threads = 2, .scheduler = {}, .limits = {}});
    EXPECT_TRUE(ranker.ok()) << ranker.status();
    return ranker.ok() ? *std::move(ranker) : nullptr;
  }
};

retrieval::RankRequest RequestOf(const AuthorsList& list) {
  retrieval::RankRequest request;
  request.query = list.query;
  request.documents = list.documents;
  request.options.max_document_tokens = list.max_document_tokens;
  return request;
}

// In the order of the request.
std::vector<double> ScoresOf(const retrieval::RankResult& result) {
  std::vector<double> scores(result.documents.size());
  for (const retrieval::RankedDocument& document : result.documents) {
    scores[document.index] = document.score;
  }
  return scores;
}

TEST_F(AuthorsParityTest, PromptsHaveTheirIdsAndPositions) {
  const TemporaryDirectory directory;
  WriteTokenizer(directory);
  const auto tokenizer = model::DecoderTokenizer::Open(directory.path());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  const AuthorsModel model = ReadAuthorsModels().begin()->second;
  const auto config = ReadRankConfig(directory.path(), model.config);
  const auto builder = PromptBuilder::Make(*config, *tokenizer);
  ASSERT_TRUE(builder.ok()) << builder.status();
  for (const AuthorsList& list : ReadAuthorsLists()) {
    SCOPED_TRACE(list.name);
    const BuiltPrompt built = (*builder)->Build(list.query, list.documents,
                                                {.max_document_tokens = list.max_document_tokens});
    Pass pass;
    pass.Add(built.prompt);
    ASSERT_EQ(built.prompt.block_ends.size(), list.blocks.size());
    uint32_t begin = 0;
    for (size_t b = 0; b < list.blocks.size(); ++b) {
      const uint32_t end = built.prompt.block_ends[b];
      EXPECT_EQ(std::vector<uint32_t>(pass.ids.begin() + begin, pass.ids.begin() + end),
                list.blocks[b])
          << "block " << b;
      for (uint32_t i = begin; i < end; ++i) {
        ASSERT_EQ(pass.positions[i], list.first_positions[b] + i - begin) << "block " << b;
      }
      begin = end;
    }
  }
}

TEST_F(AuthorsParityTest, Llama2EndsItsPromptAsItsDefaultsSay) {
  const TemporaryDirectory directory;
  const std::string path = "../shared/models/tokenizers/llama2.tokenizer.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "needs " << path;
  std::filesystem::copy_file(path, directory.File("tokenizer.json"));
  const auto tokenizer = model::DecoderTokenizer::Open(directory.path());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  DecoderConfig decoder;
  decoder.family = DecoderFamily::kLlama;
  decoder.layers = 32;
  decoder.vocabulary = 32000;
  decoder.max_positions = 4096;
  const auto config = ReadRankConfig(directory.path(), decoder);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(PromptBuilder::Make(*config, *tokenizer).ok());

  // The chat of another family is found out.
  RankConfig other = *config;
  other.chat = ChatTemplate::kMistral;
  const absl::Status refused = PromptBuilder::Make(other, *tokenizer).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("a token \"[INST]\", but it makes"));
}

TEST_F(AuthorsParityTest, ScoresAreTheirsInEveryVariant) {
  double largest = 0;
  size_t compared = 0;
  uint32_t shards = 1;
  for (const auto& [name, model] : ReadAuthorsModels()) {
    const TemporaryDirectory directory;
    WriteModel(directory, model, {.shards = shards++});
    const auto ranker = Open(directory);
    ASSERT_NE(ranker, nullptr);
    for (const AuthorsList& list : ReadAuthorsLists()) {
      if (list.name == "blank") continue;  // refused before it is read
      retrieval::RankRequest request = RequestOf(list);
      for (const auto& [variant, value] : kVariants) {
        SCOPED_TRACE(absl::StrCat(name, " ", list.name, " ", variant));
        request.options.variant = value;
        const auto result = ranker->Rank(request);
        ASSERT_TRUE(result.ok()) << result.status();
        const std::vector<double> scores = ScoresOf(*result);
        const std::vector<double>& expected = list.scores.at(name).at(variant);
        ASSERT_EQ(scores.size(), expected.size());
        for (size_t d = 0; d < scores.size(); ++d, ++compared) {
          const double difference = std::abs(scores[d] - expected[d]) / expected[d];
          EXPECT_LE(difference, 1e-4) << "document " << d;
          largest = std::max(largest, difference);
        }
      }
    }
  }
  EXPECT_EQ(compared, 440);  // 55 documents, 4 variants, 2 models
  RecordProperty("scores", absl::StrCat(compared));
  RecordProperty("largest_relative_difference", absl::StrCat(largest));
}

}  // namespace
}  // namespace foraker::ranker
