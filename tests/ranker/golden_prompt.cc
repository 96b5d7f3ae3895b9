#include "tests/ranker/golden_prompt.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace foraker::ranker {

Variant VariantOf(const std::string& name) {
  if (name == "paper") return Variant::kPaper;
  if (name == "last_token") return Variant::kLastToken;
  if (name == "two_tokens") return Variant::kTwoTokens;
  EXPECT_EQ(name, "all_keys");
  return Variant::kAllKeys;
}

Prompt PromptOf(const nlohmann::json& list, const nlohmann::json& score) {
  Prompt prompt;
  list.at("ids").get_to(prompt.ids);
  list.at("block_ends").get_to(prompt.block_ends);
  list.at("query_offset").get_to(prompt.query_offset);
  score.at("signals").get_to(prompt.signals);
  prompt.scoring = ScoringOf(VariantOf(score.at("variant")));
  return prompt;
}

}  // namespace foraker::ranker
