#include "index/collection/background.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace foraker::index {
namespace {

// A wait ends when a clock that was set says so, too.
constexpr absl::Duration kLongestWait = absl::Minutes(1);

}  // namespace

Background::Background(std::shared_ptr<WorkSignal> signal, Collections collections)
    : signal_(std::move(signal)),
      collections_(std::move(collections)),
      flushes_([this] { Flush(); }),
      merges_([this] { Merge(); }) {}

Background::~Background() {
  ended_ = true;
  signal_->Notify();
  flushes_.join();
  merges_.join();
}

void Background::Flush() {
  uint64_t seen = 0;
  while (!ended_) {
    bool worked = false;
    const absl::Time now = absl::Now();
    absl::Time next = now + kLongestWait;
    for (const std::shared_ptr<OpenedCollection>& collection : collections_()) {
      worked |= collection->WorkOnBuffer();
      // What is due and was not done is in other hands, which give notice.
      if (collection->next_flush() > now) next = std::min(next, collection->next_flush());
    }
    if (!worked) signal_->Wait(seen, next);
  }
}

void Background::Merge() {
  uint64_t seen = 0;
  while (!ended_) {
    bool worked = false;
    const absl::Time now = absl::Now();
    absl::Time next = now + kLongestWait;
    for (const std::shared_ptr<OpenedCollection>& collection : collections_()) {
      worked |= collection->MergeFiles();
      if (collection->next_merge() > now) next = std::min(next, collection->next_merge());
    }
    if (!worked) signal_->Wait(seen, next);
  }
}

}  // namespace foraker::index
