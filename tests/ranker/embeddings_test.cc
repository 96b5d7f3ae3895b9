#include "ranker/decoder/cpu/embeddings.h"

#include <gtest/gtest.h>

#include <vector>

namespace foraker::ranker {
namespace {

std::vector<float> RowOf(const Embeddings& embeddings, uint32_t id) {
  std::vector<float> row(3);
  embeddings.Read(id, row.data());
  return row;
}

TEST(EmbeddingsTest, ValuesOf16BitsTakeHalfTheMemoryAndComeBackExactly) {
  const std::vector<float> bf16 = {1.0f, -0.0f, 0x1p99f, 0x1.02p-100f, 3.0f, -7.0f};
  const std::vector<float> float16 = {1.0f, 0x1.004p0f, -65504.0f, 0x1p-24f, 0x1.ffcp-14f, -0.0f};
  for (const std::vector<float>& values : {bf16, float16}) {
    const Embeddings embeddings(values, 3, false);
    EXPECT_EQ(embeddings.bytes(), values.size() * 2);
    EXPECT_EQ(RowOf(embeddings, 0), std::vector<float>(values.begin(), values.begin() + 3));
    EXPECT_EQ(RowOf(embeddings, 1), std::vector<float>(values.begin() + 3, values.end()));
  }
}

TEST(EmbeddingsTest, OtherValuesStayAsTheyAreUnlessRoundingIsAskedFor) {
  const std::vector<float> values = {1.0f, 0x1.004p0f, 1e30f, 0x1.000002p0f, 0.1f, 0.0f};
  const Embeddings exact(values, 3, false);
  EXPECT_EQ(exact.bytes(), values.size() * 4);
  EXPECT_EQ(RowOf(exact, 1), std::vector<float>(values.begin() + 3, values.end()));
  const Embeddings rounded(values, 3, true);
  EXPECT_EQ(rounded.bytes(), values.size() * 2);
  EXPECT_EQ(RowOf(rounded, 1), (std::vector<float>{1.0f, 0x1.9ap-4f, 0.0f}));
}

}  // namespace
}  // namespace foraker::ranker
