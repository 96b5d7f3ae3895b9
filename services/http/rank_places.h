// How many calls by HTTP may wait for the model that ranks: they hold threads of the listener, of
// which probes and searches need some. All routes that wait for it share one of these.
//
// Thread-safe.

#ifndef FORAKER_SERVICES_HTTP_RANK_PLACES_H_
#define FORAKER_SERVICES_HTTP_RANK_PLACES_H_

#include <atomic>

#include "absl/cleanup/cleanup.h"
#include "services/http/http_call.h"

namespace foraker::http {

class RankPlaces {
 public:
  // What `work` answers, or `refuse`, given the outcome, where no place is free.
  template <typename Work, typename Refuse>
  Response Run(const Work& work, const Refuse& refuse) {
    const absl::Cleanup give = [this] { --taken_; };
    if (++taken_ <= kPlaces) return work();
    return refuse(Full());
  }

 private:
  static constexpr int kPlaces = 32;  // of HttpServer::Options::threads

  static EndedCall Full();

  std::atomic<int> taken_ = 0;
};

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_RANK_PLACES_H_
