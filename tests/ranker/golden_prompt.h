// Prompts as the golden files of tests/golden/ranker hold them. For tests; what is missing throws,
// which fails the test.

#ifndef FORAKER_TESTS_RANKER_GOLDEN_PROMPT_H_
#define FORAKER_TESTS_RANKER_GOLDEN_PROMPT_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ranker/prompt/prompt.h"
#include "ranker/scoring/scoring.h"

namespace foraker::ranker {

// "paper", "last_token", "two_tokens", "all_keys".
Variant VariantOf(const std::string& name);

// `list` has "ids", "block_ends" and "query_offset"; `score` has "signals" and "variant".
Prompt PromptOf(const nlohmann::json& list, const nlohmann::json& score);

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_GOLDEN_PROMPT_H_
