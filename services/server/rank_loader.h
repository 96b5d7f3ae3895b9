// Loads the model that ranks, on a thread of its own: a large one takes minutes, and searches need
// not wait for it.
//
// One thread drives it. Errors: those of BlockRanker::Open, after the name of the setting.

#ifndef FORAKER_SERVICES_SERVER_RANK_LOADER_H_
#define FORAKER_SERVICES_SERVER_RANK_LOADER_H_

#include <future>

#include "absl/status/statusor.h"
#include "ranker/block_ranker.h"
#include "services/config/settings.h"
#include "services/server/rank_slot.h"

namespace foraker::server {

class RankLoader {
 public:
  // Begins.
  explicit RankLoader(const config::Settings& settings);
  // The destructor waits until the model is loaded: there is no way to stop halfway.

  bool done() const;
  // Waits. Once.
  absl::StatusOr<ServedRanker> Take() { return loaded_.get(); }

 private:
  std::future<absl::StatusOr<ServedRanker>> loaded_;
};

// What the settings "rank.*" mean to the ranker.
ranker::BlockRankerOptions RankerOptions(const config::Settings& settings);

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_RANK_LOADER_H_
