// What a request to rank may hold, checked before and after its prompt is made.
//
// Errors: kInvalidArgument naming the field ("documents[17]"), what it holds and what is allowed.
// Pure functions.

#ifndef FORAKER_RANKER_RANK_LIMITS_H_
#define FORAKER_RANKER_RANK_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/prompt/prompt_builder.h"
#include "retrieval/api/reranker.h"

namespace foraker::ranker {

struct RankLimits {
  uint32_t documents = 500;
  uint32_t windows = 2'000;   // blocks of one prompt
  uint32_t tokens = 262'144;  // of one prompt: memory of its pass grows with them
  size_t query_bytes = 16 << 10;
  size_t document_bytes = 1 << 20;  // title and text
  size_t request_bytes = 16 << 20;
};

// Counts, sizes, and that everything is UTF-8 and says something.
absl::Status CheckLimits(const retrieval::RankRequest& request, const RankLimits& limits);

// That there are not too many windows or tokens, and that the model has the positions that the
// prompt needs.
absl::Status CheckPrompt(const BuiltPrompt& built, const DecoderConfig& model,
                         const RankLimits& limits);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_RANK_LIMITS_H_
