// The threads that work on the live collections of a store: one flushes and merges memory segments,
// the other merges files, so a long merge never keeps a flush waiting. They sleep until there is
// something to do.
//
// The destructor waits for both; stop the collections before, so that it does not wait long.

#ifndef FORAKER_INDEX_COLLECTION_BACKGROUND_H_
#define FORAKER_INDEX_COLLECTION_BACKGROUND_H_

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "index/collection/live_state.h"
#include "index/collection/opened_collection.h"

namespace foraker::index {

class Background {
 public:
  using Collections = std::function<std::vector<std::shared_ptr<OpenedCollection>>()>;

  // Works on what `collections` returns; `signal` tells that there may be something to do.
  Background(std::shared_ptr<WorkSignal> signal, Collections collections);
  ~Background();

 private:
  using Work = bool (OpenedCollection::*)();
  using NextTime = absl::Time (OpenedCollection::*)() const;
  // One thread: does `work` wherever there is some, sleeps until there is more.
  void Run(Work work, NextTime next_time);

  const std::shared_ptr<WorkSignal> signal_;
  const Collections collections_;
  std::atomic<bool> ended_ = false;
  std::thread flushes_;
  std::thread merges_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_BACKGROUND_H_
