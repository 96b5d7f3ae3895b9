// How many calls by HTTP may wait for models, the one that ranks and those of the agent: they hold
// threads of the listener, of which probes and searches need some. All routes that do share one of
// these.
//
// Thread-safe.

#ifndef FORAKER_SERVICES_HTTP_RANK_PLACES_H_
#define FORAKER_SERVICES_HTTP_RANK_PLACES_H_

#include <atomic>
#include <memory>
#include <utility>

#include "services/http/http_call.h"

namespace foraker::http {

class RankPlaces {
 public:
  // Held by one call.
  using Place = std::unique_ptr<RankPlaces, void (*)(RankPlaces*)>;

  // Null: none is free. The place must not outlive this.
  Place Take() {
    Place place(this, [](RankPlaces* places) { --places->taken_; });
    if (++taken_ > kPlaces) place.reset();
    return place;
  }

  // What `work` answers, or `refuse`, given the outcome, where no place is free.
  template <typename Work, typename Refuse>
  Response Run(const Work& work, const Refuse& refuse) {
    const Place place = Take();
    return place != nullptr ? work() : refuse(Full());
  }

  // How a call ends that found no place.
  static EndedCall Full();

 private:
  static constexpr int kPlaces = 32;  // of HttpServer::Options::threads

  std::atomic<int> taken_ = 0;
};

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_RANK_PLACES_H_
