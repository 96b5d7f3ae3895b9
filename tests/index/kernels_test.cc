#include "index/query/kernels.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace foraker::index {
namespace {

// Every variant against definitions written out here, on random arrays of all lengths.
class KernelsTest : public testing::TestWithParam<size_t> {
 protected:
  const Kernels& kernels() const { return *RunnableKernels()[GetParam()]; }
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

  std::vector<Units> RandomUnits(size_t n) {
    std::vector<Units> values(n);
    for (Units& value : values) value = static_cast<Units>(Below(Below(2) == 0 ? 50 : 65536));
    return values;
  }
  std::vector<uint8_t> RandomBytes(size_t n) {
    std::vector<uint8_t> bytes(n);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(Below(3) == 0 ? 0 : Below(256));
    return bytes;
  }

  std::mt19937_64 random_{20240607};
};

TEST_P(KernelsTest, AddsTheProductsOfADenseRow) {
  for (size_t n = 0; n < 200; ++n) {
    const std::vector<uint8_t> maxima = RandomBytes(n);
    const auto factor = static_cast<uint16_t>(Below(30000));
    std::vector<Units> bounds(n, 7);
    kernels().add_dense(maxima.data(), n, factor, bounds.data());
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(bounds[i], 7 + Product(factor, maxima[i]));
  }
}

TEST_P(KernelsTest, AddsTheProductsOfASparseRow) {
  for (size_t words = 0; words < 12; ++words) {
    std::vector<uint64_t> occupied(words);
    for (uint64_t& word : occupied) word = random_() & (Below(2) == 0 ? random_() : ~uint64_t{0});
    std::vector<Units> expected(words * 64, 3);
    const auto factor = static_cast<uint16_t>(Below(30000));
    std::vector<uint8_t> maxima;
    for (size_t i = 0; i < words * 64; ++i) {
      if ((occupied[i / 64] >> (i % 64) & 1) == 0) continue;
      maxima.push_back(static_cast<uint8_t>(1 + Below(255)));
      expected[i] = static_cast<Units>(expected[i] + Product(factor, maxima.back()));
    }
    std::vector<Units> bounds(words * 64, 3);
    kernels().add_sparse(occupied.data(), words, maxima.data(), factor, bounds.data());
    ASSERT_EQ(bounds, expected);
  }
}

TEST_P(KernelsTest, RanksTheWordsOfABitmap) {
  for (size_t words = 0; words < 20; ++words) {
    std::vector<uint64_t> bitmap(words);
    for (uint64_t& word : bitmap) word = random_();
    std::vector<uint32_t> expected((words + 3) / 4 + 1);
    uint32_t rank = 0;
    for (size_t w = 0; w < words; ++w) {
      if (w % 4 == 0) expected[w / 4] = rank;
      for (int b = 0; b < 64; ++b) rank += static_cast<uint32_t>(bitmap[w] >> b & 1);
    }
    expected.back() = rank;
    std::vector<uint32_t> ranks((words + 3) / 4 + 1);
    kernels().rank_words(bitmap.data(), words, 4, ranks.data());
    ASSERT_EQ(ranks, expected);
  }
}

TEST_P(KernelsTest, LocatesThePostingsOfBlocks) {
  for (int round = 0; round < 500; ++round) {
    const bool dense = Below(4) == 0;
    std::vector<uint64_t> occupied(kWordsPerWindow);
    const uint64_t sparse_mask = Below(2) == 0 ? random_() : ~uint64_t{0};
    for (uint64_t& word : occupied) word = random_() & sparse_mask;
    std::vector<uint8_t> counts;
    std::vector<uint32_t> begin(1, 100);  // [blocks + 1]
    for (uint32_t b = 0; b < kBlocksPerWindow; ++b) {
      const bool has = dense || (occupied[b / 64] >> (b % 64) & 1) != 0;
      if (has) counts.push_back(static_cast<uint8_t>(1 + Below(kBlockPassages)));
      begin.push_back(begin.back() + (has ? counts.back() : 0));
    }
    std::vector<BlockRange> ranges;
    for (uint32_t b = Below(5); b < kBlocksPerWindow; b += 1 + Below(60)) {
      const uint32_t end = b + 1 + Below(kBlocksPerChunk - b % kBlocksPerChunk);
      ranges.push_back({static_cast<uint16_t>(b), static_cast<uint16_t>(end)});
      b = end;
    }
    std::vector<PostingRun> runs(ranges.size());
    kernels().locate({dense ? nullptr : occupied.data(), counts.data(), 100, begin.back()},
                     ranges.data(), ranges.size(), runs.data());
    for (size_t i = 0; i < ranges.size(); ++i) {
      ASSERT_EQ(runs[i].size, begin[ranges[i].end] - begin[ranges[i].begin]);
      if (runs[i].size != 0) {
        ASSERT_EQ(runs[i].begin, begin[ranges[i].begin]);
      }
    }
  }
}

TEST_P(KernelsTest, NeverLocatesPostingsBeyondTheWindow) {
  const std::vector<uint8_t> counts(kBlocksPerWindow, 255);
  std::vector<BlockRange> ranges;
  for (uint16_t b = 0; b < kBlocksPerWindow; b += 2) {
    ranges.push_back({b, static_cast<uint16_t>(b + 1)});
  }
  std::vector<PostingRun> runs(ranges.size());
  kernels().locate({nullptr, counts.data(), 10, 1000}, ranges.data(), ranges.size(), runs.data());
  for (const PostingRun& run : runs) ASSERT_LE(run.begin + run.size, 1000u);
}

TEST_P(KernelsTest, CountsFindsAndTakesTheMaximum) {
  for (size_t n = 0; n < 150; ++n) {
    const std::vector<Units> values = RandomUnits(n);
    const auto threshold = static_cast<Units>(1 + Below(100));
    std::vector<uint32_t> expected;
    Units largest = 0;
    for (size_t i = 0; i < n; ++i) {
      if (values[i] >= threshold) expected.push_back(static_cast<uint32_t>(i));
      largest = std::max(largest, values[i]);
    }
    std::vector<uint32_t> found(n + 32);
    found.resize(kernels().find_at_least(values.data(), n, threshold, found.data()));
    ASSERT_EQ(found, expected);
    ASSERT_EQ(kernels().count_at_least(values.data(), n, threshold), expected.size());
    ASSERT_EQ(kernels().maximum(values.data(), n), largest);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryVariant, KernelsTest,
                         testing::Range<size_t>(0, RunnableKernels().size()),
                         [](const testing::TestParamInfo<size_t>& variant) {
                           return std::string(RunnableKernels()[variant.param]->name);
                         });

}  // namespace
}  // namespace foraker::index
