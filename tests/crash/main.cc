#include <gtest/gtest.h>

#include "tests/faults/fault_rules.h"

int main(int argc, char** argv) {
  foraker::PreloadFaults(argv);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
