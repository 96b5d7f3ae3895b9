#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "model/cpu/panel_linear.h"
#include "model/cpu/precision.h"
#include "ranker/decoder/decoder.h"
#include "tests/ranker/reference_decoder.h"

namespace foraker::ranker {
namespace {

using Random = std::mt19937_64;
using Scores = std::vector<std::vector<float>>;

constexpr uint32_t kVocabulary = 97;
constexpr uint64_t kWeightsSeed = 5;

size_t Below(size_t n, Random& random) { return random() % n; }

struct Shape {
  uint32_t heads, kv_heads, head_width, hidden, intermediate, layers;
};

constexpr Shape kShapes[] = {{4, 4, 16, 64, 96, 2},   {4, 2, 64, 48, 80, 2},
                             {8, 2, 16, 100, 300, 3}, {2, 1, 128, 72, 264, 1},
                             {4, 1, 80, 96, 130, 2},  {3, 3, 8, 24, 40, 2}};

DecoderConfig ConfigOf(const Shape& shape) {
  DecoderConfig config;
  config.hidden = shape.hidden;
  config.intermediate = shape.intermediate;
  config.layers = shape.layers + 1;
  config.heads = shape.heads;
  config.kv_heads = shape.kv_heads;
  config.head_width = shape.head_width;
  config.vocabulary = kVocabulary;
  config.max_positions = 32768;
  config.has_head_norms = shape.head_width >= 80;
  return config;
}

// A list as blocks of ids: instruction, documents, query.
struct Blocks {
  std::vector<std::vector<uint32_t>> blocks;
  Scoring scoring;
  uint32_t signals = 1;

  Prompt ToPrompt() const {
    Prompt prompt;
    for (const std::vector<uint32_t>& block : blocks) {
      prompt.ids.insert(prompt.ids.end(), block.begin(), block.end());
      prompt.block_ends.push_back(static_cast<uint32_t>(prompt.ids.size()));
    }
    prompt.query_offset = 16384;
    prompt.scoring = scoring;
    for (uint32_t back = signals; back > 0; --back) {
      prompt.signals.push_back(static_cast<uint32_t>(prompt.ids.size()) - back);
    }
    return prompt;
  }
};

std::vector<uint32_t> RandomIds(size_t count, Random& random) {
  std::vector<uint32_t> ids(count);
  for (uint32_t& id : ids) id = static_cast<uint32_t>(Below(kVocabulary, random));
  return ids;
}

Blocks RandomBlocks(size_t documents, Random& random) {
  Blocks list;
  list.blocks.push_back(RandomIds(1 + Below(80, random), random));
  for (size_t d = 0; d < documents; ++d) {
    const size_t longest = Below(4, random) == 0 ? 1 : 70;
    list.blocks.push_back(RandomIds(1 + Below(longest, random), random));
  }
  list.blocks.push_back(RandomIds(2 + Below(70, random), random));
  list.scoring = {.over_all_keys = Below(2, random) == 0, .sum_signals = Below(2, random) == 0};
  list.signals = static_cast<uint32_t>(1 + Below(2, random));
  return list;
}

std::unique_ptr<Decoder> Load(const DecoderConfig& config, Precision precision, uint32_t threads,
                              WeightSource& weights) {
  const WantedLayers wanted = {config.layers - 1, config.layers - 1};
  auto model = LoadCpuModel(config, wanted, weights, {precision, threads});
  EXPECT_TRUE(model.ok()) << model.status();
  return std::make_unique<Decoder>(config, wanted, std::move(*model));
}

std::unique_ptr<Decoder> Load(const DecoderConfig& config, Precision precision, uint32_t threads) {
  return Load(config, precision, threads, *MakeRandomWeights(config, kWeightsSeed));
}

Pass PassOf(std::span<const Blocks> lists) {
  Pass pass;
  for (const Blocks& list : lists) pass.Add(list.ToPrompt());
  return pass;
}

Scores ScoresOf(const Decoder& decoder, std::span<const Blocks> lists) {
  Decoder::Runner runner = decoder.NewRunner();
  auto scores = runner.Score(PassOf(lists), nullptr);
  EXPECT_TRUE(scores.ok()) << scores.status();
  return *scores;
}

std::vector<float> HiddenOf(const Decoder& decoder, const Pass& pass) {
  Decoder::Runner runner = decoder.NewRunner();
  auto hidden = runner.Hidden(pass, decoder.config().layers - 1);
  EXPECT_TRUE(hidden.ok()) << hidden.status();
  return *hidden;
}

void ExpectHidden(const std::vector<float>& hidden, const ReferenceDecoder::Rows& expected,
                  double tolerance) {
  for (size_t r = 0; r < expected.size(); ++r) {
    double norm = 0;
    double error = 0;
    for (size_t i = 0; i < expected[r].size(); ++i) {
      const double difference = double{hidden[r * expected[r].size() + i]} - expected[r][i];
      norm += expected[r][i] * expected[r][i];
      error += difference * difference;
    }
    ASSERT_LE(std::sqrt(error), tolerance * std::sqrt(norm)) << "row " << r;
  }
}

const char* NameOf(Precision precision) {
  if (precision == Precision::kF32) return "f32";
  return precision == Precision::kBf16 ? "bf16" : "int8";
}

class CpuDeviceTest : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    if (GetParam() == Precision::kInt8 && !model::Supports(model::Precision::kInt8)) {
      GTEST_SKIP() << "no VNNI here";
    }
  }
  Random random_{29};
};

TEST(CpuDeviceF32Test, HiddenStatesAndScoresAreThoseOfThePlainDecoder) {
  Random random(31);
  for (const Shape& shape : kShapes) {
    for (const size_t documents : {0, 1, 5}) {
      SCOPED_TRACE(testing::Message() << "heads " << shape.heads << " of " << shape.head_width
                                      << ", documents " << documents << ", seed 31");
      const DecoderConfig config = ConfigOf(shape);
      std::vector<Blocks> lists = {RandomBlocks(documents, random)};
      if (documents % 2 == 1) lists.push_back(RandomBlocks(2, random));
      const Pass pass = PassOf(lists);
      const ReferenceDecoder reference(config, shape.layers,
                                       *MakeRandomWeights(config, kWeightsSeed));
      const auto decoder = Load(config, Precision::kF32, 2);
      ExpectHidden(HiddenOf(*decoder, pass), reference.Hidden(pass), 1e-5);
      const Scores scores = ScoresOf(*decoder, lists);
      const std::vector<std::vector<double>> expected = reference.Scores(pass);
      for (size_t l = 0; l < lists.size(); ++l) {
        ASSERT_EQ(scores[l].size(), expected[l].size());
        for (size_t d = 0; d < expected[l].size(); ++d) {
          ASSERT_NEAR(scores[l][d], expected[l][d], 1e-5 * expected[l][d]) << l << " " << d;
        }
      }
    }
  }
}

TEST(CpuDeviceF32Test, LongBlocksAndPlainSequencesAreThoseOfThePlainDecoder) {
  Random random(37);
  const Shape shape = {2, 1, 16, 32, 48, 1};
  const DecoderConfig config = ConfigOf(shape);
  const ReferenceDecoder reference(config, shape.layers, *MakeRandomWeights(config, kWeightsSeed));
  const auto decoder = Load(config, Precision::kF32, 2);
  Pass sequence;
  sequence.AddCausal(RandomIds(700, random));
  ExpectHidden(HiddenOf(*decoder, sequence), reference.Hidden(sequence), 1e-5);
  Blocks list = RandomBlocks(2, random);
  list.blocks[0] = RandomIds(530, random);
  list.blocks[1] = RandomIds(600, random);
  const Pass pass = PassOf({&list, 1});
  ExpectHidden(HiddenOf(*decoder, pass), reference.Hidden(pass), 1e-5);
}

TEST(CpuDeviceF32Test, ScoresFollowDocumentsThatMove) {
  Random random(47);
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(testing::Message() << shape.heads << " of " << shape.head_width << ", seed 47");
    const auto decoder = Load(ConfigOf(shape), Precision::kF32, 2);
    Blocks list = RandomBlocks(20, random);
    const Scores scores = ScoresOf(*decoder, {&list, 1});
    std::vector<size_t> order(20);
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    Blocks moved = list;
    for (size_t i = 0; i < order.size(); ++i) moved.blocks[1 + i] = list.blocks[1 + order[i]];
    const Scores again = ScoresOf(*decoder, {&moved, 1});
    for (size_t i = 0; i < order.size(); ++i) {
      const float expected = scores[0][order[i]];
      ASSERT_NEAR(again[0][i], expected, 1e-5f * expected) << i;
    }
  }
}

TEST_P(CpuDeviceTest, BitsDependOnTheListAloneNotOnNeighboursNorThreads) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(testing::Message() << shape.heads << " of " << shape.head_width << ", seed 29");
    const DecoderConfig config = ConfigOf(shape);
    std::vector<Blocks> lists;
    for (size_t l = 0; l < 5; ++l) lists.push_back(RandomBlocks(Below(8, random_), random_));
    const Scores together = ScoresOf(*Load(config, GetParam(), 1), lists);
    for (uint32_t threads = 2; threads <= 4; ++threads) {
      ASSERT_EQ(ScoresOf(*Load(config, GetParam(), threads), lists), together) << threads;
    }
    const auto decoder = Load(config, GetParam(), 2);
    for (size_t l = 0; l < lists.size(); ++l) {
      ASSERT_EQ(ScoresOf(*decoder, {&lists[l], 1})[0], together[l]) << "list " << l;
    }
    std::reverse(lists.begin(), lists.end());
    Scores reversed = ScoresOf(*decoder, lists);
    std::reverse(reversed.begin(), reversed.end());
    ASSERT_EQ(reversed, together);
  }
}

TEST_P(CpuDeviceTest, APassLeavesNothingBehindForTheNext) {
  const DecoderConfig config = ConfigOf(kShapes[1]);
  const auto decoder = Load(config, GetParam(), 2);
  const std::vector<Blocks> large = {RandomBlocks(9, random_), RandomBlocks(9, random_)};
  const Blocks small = RandomBlocks(2, random_);
  Decoder::Runner runner = decoder->NewRunner();
  ASSERT_TRUE(runner.Score(PassOf(large), nullptr).ok());
  const auto scores = runner.Score(PassOf({&small, 1}), nullptr);
  ASSERT_TRUE(scores.ok());
  EXPECT_EQ(*scores, ScoresOf(*decoder, {&small, 1}));
}

INSTANTIATE_TEST_SUITE_P(Precisions, CpuDeviceTest,
                         testing::Values(Precision::kF32, Precision::kBf16, Precision::kInt8),
                         [](const auto& param) { return std::string(NameOf(param.param)); });

// Another source's matrices, rounded to bfloat16.
class RoundedWeights : public WeightSource {
 public:
  explicit RoundedWeights(std::unique_ptr<WeightSource> exact) : exact_(std::move(exact)) {}

  absl::StatusOr<std::vector<float>> Embeddings() override {
    auto values = exact_->Embeddings();
    Round(*values);
    return values;
  }
  absl::StatusOr<LayerWeights> Layer(uint32_t layer) override {
    return Rounded(exact_->Layer(layer));
  }
  absl::StatusOr<LayerWeights> ScoringLayer(uint32_t layer) override {
    return Rounded(exact_->ScoringLayer(layer));
  }
  absl::Status Finish() override { return exact_->Finish(); }

 private:
  static void Round(std::vector<float>& values) {
    for (float& value : values) {
      value = std::bit_cast<float>(uint32_t{model::RoundToBf16(value)} << 16);
    }
  }
  static absl::StatusOr<LayerWeights> Rounded(absl::StatusOr<LayerWeights> weights) {
    for (auto member :
         {&LayerWeights::query, &LayerWeights::key, &LayerWeights::value, &LayerWeights::out,
          &LayerWeights::gate, &LayerWeights::up, &LayerWeights::down}) {
      Round((*weights).*member);
    }
    return weights;
  }

  std::unique_ptr<WeightSource> exact_;
};

TEST(CpuDeviceBf16Test, BitsAreThoseOfF32OnRoundedWeightsInHalfTheMemory) {
  Random random(41);
  for (const Shape& shape : kShapes) {
    const DecoderConfig config = ConfigOf(shape);
    RoundedWeights rounded(MakeRandomWeights(config, kWeightsSeed));
    const auto f32 = Load(config, Precision::kF32, 1, rounded);
    const auto bf16 = Load(config, Precision::kBf16, 2);
    const Blocks list = RandomBlocks(5, random);
    EXPECT_EQ(ScoresOf(*bf16, {&list, 1}), ScoresOf(*f32, {&list, 1}));
    EXPECT_LT(bf16->weight_bytes(), f32->weight_bytes() * 6 / 10);
  }
}

TEST(CpuDeviceInt8Test, HiddenStatesAreNearThoseOfThePlainDecoder) {
  if (!model::Supports(model::Precision::kInt8)) GTEST_SKIP() << "no VNNI here";
  Random random(43);
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(testing::Message() << shape.heads << " of " << shape.head_width << ", seed 43");
    const DecoderConfig config = ConfigOf(shape);
    const Blocks list = RandomBlocks(4, random);
    const Pass pass = PassOf({&list, 1});
    const ReferenceDecoder reference(config, shape.layers,
                                     *MakeRandomWeights(config, kWeightsSeed));
    ExpectHidden(HiddenOf(*Load(config, Precision::kInt8, 2), pass), reference.Hidden(pass), 0.08);
  }
}

}  // namespace
}  // namespace foraker::ranker
