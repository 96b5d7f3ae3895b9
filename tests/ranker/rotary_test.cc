#include "ranker/decoder/rotary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace foraker::ranker {
namespace {

using ::testing::ElementsAreArray;
using ::testing::FloatNear;
using ::testing::Pointwise;

DecoderConfig Config(uint32_t head_width, double theta, const RopeScaling& scaling = {}) {
  DecoderConfig config;
  config.head_width = head_width;
  config.rope_theta = theta;
  config.rope_scaling = scaling;
  return config;
}

const RopeScaling kLlama32 = {.kind = RopeScaling::Kind::kLlama3,
                              .factor = 32,
                              .low_frequency_factor = 1,
                              .high_frequency_factor = 4,
                              .original_positions = 8192};

void ExpectRow(const float* row, const std::vector<float>& expected) {
  EXPECT_THAT(std::vector<float>(row, row + expected.size()),
              Pointwise(FloatNear(1e-6f), expected));
}

// Expected numbers here are those of transformers 4.57 (LlamaRotaryEmbedding).
TEST(RotaryTest, FrequenciesAreTheReferencesBits) {
  EXPECT_THAT(RotaryFrequencies(Config(8, 1e6)),
              ElementsAreArray({1.f, 0.0316227786f, 0.00100000005f, 3.16227743e-05f}));
  EXPECT_THAT(RotaryFrequencies(Config(8, 1e4, {.kind = RopeScaling::Kind::kLinear, .factor = 3})),
              ElementsAreArray({0.333333343f, 0.0333333351f, 0.00333333318f, 0.000333333359f}));
  // Short waves, the fifth that is blended, long waves.
  EXPECT_THAT(RotaryFrequencies(Config(16, 5e5, kLlama32)),
              ElementsAreArray({1.f, 0.193922758f, 0.0376060307f, 0.00729266508f, 0.000429556705f,
                                8.57025589e-06f, 1.66196742e-06f, 3.22293289e-07f}));
}

TEST(RotaryTest, TurnsAsTheReferenceFarFromTheBegin) {
  RotaryTable table(Config(8, 1e6));
  table.Prepare(std::vector<uint32_t>{0, 77, 16400});
  ExpectRow(table.cosines(0), {1, 1, 1, 1});
  ExpectRow(table.sines(0), {0, 0, 0, 0});
  ExpectRow(table.cosines(1), {-0.0309750326f, -0.760548592f, 0.997036934f, 0.99999702f});
  ExpectRow(table.sines(1), {0.999520183f, 0.649281025f, 0.0769239441f, 0.00243495125f});
  ExpectRow(table.cosines(2), {0.632245481f, -0.968714535f, -0.769946992f, 0.868507266f});
  ExpectRow(table.sines(2), {0.774768114f, -0.248177633f, -0.638107836f, 0.495676458f});

  RotaryTable scaled(Config(16, 5e5, kLlama32));
  scaled.Prepare(std::vector<uint32_t>{16400});
  ExpectRow(scaled.cosines(0), {0.632245481f, 0.504937708f, 0.551419497f, 0.976074398f,
                                0.723770857f, 0.990138769f, 0.999628544f, 0.999986053f});
  ExpectRow(scaled.sines(0), {0.774768114f, 0.863155782f, 0.834228098f, 0.21743685f, 0.69004041f,
                              0.140089884f, 0.0272528902f, 0.0052855853f});
}

TEST(RotaryTest, RowsOfOnePositionShareAnEntry) {
  RotaryTable table(Config(8, 1e4));
  table.Prepare(std::vector<uint32_t>{5, 6, 5});
  EXPECT_EQ(table.cosines(0), table.cosines(2));
  EXPECT_NE(table.cosines(0), table.cosines(1));
  const float cosine = *table.cosines(1);
  table.Prepare(std::vector<uint32_t>{6});  // forgets the rows before
  EXPECT_EQ(*table.cosines(0), cosine);
}

}  // namespace
}  // namespace foraker::ranker
