// blockrank.json beside a model's weights: what the model was trained to be asked, and where its
// answer is read.
//
//   {"template": "mistral" | "llama2" | "llama3" | "qwen3" | "plain",   how a chat is written
//    "prompt": "blockrank",                              the prompt's words (prompt_builder.h)
//    "layer": 20,                                        counted from 0
//    "query_offset": 16384,                              position of the last block
//    "signal_tokens": [":", "▁", "▁["],                  what the prompt must end in
//    "variant": "paper" | "last_token" | "two_tokens" | "all_keys",
//    "max_document_tokens": 512}
//
// Every key may be left out; defaults fit the released Mistral checkpoint. For another family: its
// own chat template (a Llama with more than 100,000 tokens is a Llama 3) and signal tokens, the
// layer at 21/32 of its depth, and the last block no farther than half of its positions. Unknown
// keys are refused.
// Errors: kInvalidArgument naming file, key and what was expected. A plain value.

#ifndef FORAKER_RANKER_PROMPT_RANK_CONFIG_H_
#define FORAKER_RANKER_PROMPT_RANK_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/json/json_object.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/scoring/scoring.h"

namespace foraker::ranker {

enum class ChatTemplate { kMistral, kLlama2, kLlama3, kQwen3, kPlain };

struct RankConfig {
  ChatTemplate chat = ChatTemplate::kMistral;
  uint32_t layer = 20;
  uint32_t query_offset = 16384;
  std::vector<std::string> signal_tokens;  // as the vocabulary writes them; empty: not checked
  Variant variant = Variant::kTwoTokens;
  uint32_t max_document_tokens = 512;  // of a document's block
};

absl::StatusOr<RankConfig> ParseRankConfig(const model::JsonObject& json,
                                           const DecoderConfig& decoder);

// Of the directory's blockrank.json, or the defaults where there is none.
absl::StatusOr<RankConfig> ReadRankConfig(const std::string& directory,
                                          const DecoderConfig& decoder);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PROMPT_RANK_CONFIG_H_
