// The BlockRank reranker: a model directory, and lists ranked with it.
//
//   request ─► limits ─► prompt_builder ─► scheduler ─► decoder ─► best window a document ─► order
//
// A directory holds a Hugging Face checkpoint (config.json, safetensors, tokenizer) and
// blockrank.json (rank_config.h). One decoder a precision is loaded; layers behind the scoring
// layer never are.
//
// Thread-safe. Errors at Open: kNotFound, kInvalidArgument naming the file, the tensor or key, and
// what was expected; kFailedPrecondition: the processor lacks a precision. Errors of Rank: as
// retrieval::Reranker says.

#ifndef FORAKER_RANKER_BLOCK_RANKER_H_
#define FORAKER_RANKER_BLOCK_RANKER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ranker/decoder/decoder_config.h"
#include "ranker/prompt/rank_config.h"
#include "ranker/rank_limits.h"
#include "ranker/scheduler.h"
#include "retrieval/api/reranker.h"

namespace foraker::ranker {

struct BlockRankerOptions {
  std::vector<retrieval::RankPrecision> precisions;  // the first is the default; empty: int8 where
                                                     // the processor has VNNI, else f32
  uint32_t threads = 0;                              // of a pass; 0: one a processor
  SchedulerOptions scheduler;
  RankLimits limits;
};

class BlockRanker : public retrieval::Reranker {
 public:
  static absl::StatusOr<std::unique_ptr<BlockRanker>> Open(const std::string& directory,
                                                           const BlockRankerOptions& options);

  virtual const std::string& model() const = 0;  // the directory's last part
  virtual const DecoderConfig& decoder_config() const = 0;
  virtual const RankConfig& rank_config() const = 0;
  virtual const std::vector<retrieval::RankPrecision>& precisions() const = 0;
  virtual size_t weight_bytes() const = 0;
  virtual SchedulerStats Stats() const = 0;  // of all precisions together
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_BLOCK_RANKER_H_
