// The options of commands that let a language model rank: how it reads, which model, and of those
// that search, the rerank stage.

#ifndef FORAKER_SERVICES_CLI_RANK_OPTIONS_H_
#define FORAKER_SERVICES_CLI_RANK_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ranker/block_ranker.h"
#include "retrieval/api/searcher.h"
#include "services/cli/target.h"

namespace CLI {
class App;
}

namespace foraker::cli {

class RankFlags {
 public:
  // Names begin with `prefix` ("--rank-") where a command has others beside them.
  void AddTo(CLI::App& command, const std::string& prefix, const std::string& group);

  // Cancelled by Ctrl-C.
  retrieval::RankOptions ToOptions() const;
  // A model of this process.
  absl::StatusOr<std::unique_ptr<ranker::BlockRanker>> OpenModel(
      const std::string& directory) const;

 private:
  std::optional<retrieval::RankVariant> variant_;
  std::optional<retrieval::RankPrecision> precision_;
  uint32_t max_tokens_ = 0;
  bool windows_ = false;
  uint32_t threads_ = 0;
};

// A search's rerank stage. The model is this process's (--rank-model), else the server's.
class RerankFlags {
 public:
  void AddTo(CLI::App& command, const std::string& group);

  const std::string& model() const { return model_; }
  uint32_t candidates() const { return candidates_; }
  retrieval::RerankStage ToStage() const;
  // The model of --rank-model, in this process.
  absl::StatusOr<std::unique_ptr<ranker::BlockRanker>> OpenModel() const {
    return rank_.OpenModel(model_);
  }
  // A searcher that takes searches with the stage. kInvalidArgument where nobody has a model.
  absl::StatusOr<std::unique_ptr<retrieval::Searcher>> OpenSearcher(const Target& target) const;

 private:
  RankFlags rank_;
  std::string model_;
  uint32_t candidates_ = 100;
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_RANK_OPTIONS_H_
