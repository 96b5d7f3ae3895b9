// The order in which documents are listed decides nothing: with the numbers that the prompt calls
// them by, their scores move along.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "model/json/json_object.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "ranker/prompt/prompt_builder.h"
#include "ranker/prompt/rank_config.h"
#include "retrieval/api/reranker.h"
#include "tests/ranker/loaded_decoder.h"
#include "tests/ranker/tiny_ranker.h"
#include "tests/support/temporary_directory.h"

namespace foraker::ranker {
namespace {

using retrieval::RankDocument;
using retrieval::RankVariant;

class PermutationTest : public testing::TestWithParam<RankVariant> {
 protected:
  void SetUp() override {
    WriteTinyRanker(directory_.path());
    const auto config = ReadRankConfig(directory_.path(), TinyConfig());
    ASSERT_TRUE(config.ok()) << config.status();
    const auto tokenizer = model::DecoderTokenizer::Open(directory_.path());
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    auto builder = PromptBuilder::Make(*config, *tokenizer);
    ASSERT_TRUE(builder.ok()) << builder.status();
    builder_ = *std::move(builder);
    decoder_ = LoadDecoder(directory_.path(), {config->layer, config->layer}, {Precision::kF32, 2});
    ASSERT_NE(decoder_, nullptr);
  }

  // Of the documents in `order`, each called by its place in `documents`.
  std::vector<float> Scores(const std::vector<RankDocument>& documents,
                            std::span<const uint32_t> order) const {
    std::vector<RankDocument> listed;
    for (const uint32_t number : order) listed.push_back(documents[number]);
    PromptOptions options;
    options.variant = GetParam();
    options.numbers = order;
    Pass pass;
    pass.Add(builder_->Build("who built the bridge?", listed, options).prompt);
    const auto scores = decoder_->NewRunner().Score(pass, nullptr);
    EXPECT_TRUE(scores.ok()) << scores.status();
    return scores.ok() ? scores->at(0) : std::vector<float>();
  }

  TemporaryDirectory directory_;
  std::unique_ptr<PromptBuilder> builder_;
  std::unique_ptr<const Decoder> decoder_;
};

// Lengths from none to some dozens of tokens.
std::vector<RankDocument> RandomDocuments(size_t count, std::mt19937& random) {
  std::vector<RankDocument> documents(count);
  for (RankDocument& document : documents) {
    document.text.resize(random() % 60);
    for (char& letter : document.text) letter = static_cast<char>('a' + random() % 26);
  }
  return documents;
}

TEST_P(PermutationTest, DocumentsThatKeepTheirNumbersKeepTheirScores) {
  std::mt19937 random(3);
  const std::vector<RankDocument> documents = RandomDocuments(24, random);
  std::vector<uint32_t> order(documents.size());
  std::iota(order.begin(), order.end(), 0);
  const std::vector<float> expected = Scores(documents, order);
  ASSERT_EQ(expected.size(), documents.size());
  for (int shuffle = 0; shuffle < 5; ++shuffle) {
    std::shuffle(order.begin(), order.end(), random);
    const std::vector<float> scores = Scores(documents, order);
    ASSERT_EQ(scores.size(), documents.size());
    for (size_t place = 0; place < order.size(); ++place) {
      const float score = expected[order[place]];
      EXPECT_NEAR(scores[place], score, 1e-5f * score)
          << "document " << order[place] << " at place " << place;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, PermutationTest,
                         testing::Values(RankVariant::kPaper, RankVariant::kLastToken,
                                         RankVariant::kTwoTokens, RankVariant::kAllKeys));

}  // namespace
}  // namespace foraker::ranker
