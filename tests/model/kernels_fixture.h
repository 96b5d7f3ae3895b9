// What the tests of kernels share: rows of random numbers, and a run for every variant that this
// processor has.

#ifndef FORAKER_TESTS_MODEL_KERNELS_FIXTURE_H_
#define FORAKER_TESTS_MODEL_KERNELS_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "model/cpu/kernels.h"

namespace foraker::model {

using Row = std::vector<float>;

// Lengths around the vector widths, and what models have.
inline constexpr size_t kLengths[] = {1, 3, 4, 7, 8, 15, 16, 17, 20, 31, 64, 100, 128, 384, 1536};

class KernelsFixture : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels() const { return *GetParam(); }

  Row Random(size_t n, float spread) {
    std::normal_distribution<float> normal(0, spread);
    Row row(n);
    for (float& x : row) x = normal(random_);
    return row;
  }

  std::mt19937_64 random_{17};
};

inline std::string VariantName(const testing::TestParamInfo<const Kernels*>& variant) {
  std::string name = variant.param->name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace foraker::model

#endif  // FORAKER_TESTS_MODEL_KERNELS_FIXTURE_H_
