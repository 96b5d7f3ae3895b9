#include "agent/eval/split.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace foraker::agent {
namespace {

// Reported figures depend on who lies where: these never change.
TEST(Split, KeepsItsHalves) {
  std::string halves;
  for (int i = 0; i < 24; ++i)
    halves += SplitHalf(absl::StrCat("q", i), 13) == Half::kTraining ? 't' : 'e';
  EXPECT_EQ(halves, "tteteeteetetttttetttette");
}

TEST(Split, HalvesAreOfAboutTheSameSizeAndSeedsIndependent) {
  int training = 0;
  int moved = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = absl::StrCat("2hop__", i);
    const Half half = SplitHalf(id, 1);
    training += half == Half::kTraining ? 1 : 0;
    moved += half != SplitHalf(id, 2) ? 1 : 0;
  }
  EXPECT_NEAR(training, 5000, 200);
  EXPECT_NEAR(moved, 5000, 200);
}

}  // namespace
}  // namespace foraker::agent
