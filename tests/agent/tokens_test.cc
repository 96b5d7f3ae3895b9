#include "agent/tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace foraker::agent {
namespace {

TEST(CountTokensTest, AWordIsOneAndAHalfAndTheSumIsRoundedUp) {
  EXPECT_EQ(CountTokens(""), 0u);
  EXPECT_EQ(CountTokens(" \n\t"), 0u);
  EXPECT_EQ(CountTokens("word"), 2u);
  EXPECT_EQ(CountTokens("two words"), 3u);
  EXPECT_EQ(CountTokens("  a\nb\tc  "), 5u);
}

TEST(PromptTokensAtMostTest, CountsHalfTheAsciiBytesEveryOtherByteAndTheTemplate) {
  const std::vector<ChatMessage> none;
  EXPECT_EQ(PromptTokensAtMost(none), 16u);
  const std::vector<ChatMessage> messages = {{"system", std::string(100, 'a')}, {"user", "é1"}};
  EXPECT_EQ(PromptTokensAtMost(messages), 16u + (16 + 50) + (16 + 1 + 2));
}

}  // namespace
}  // namespace foraker::agent
