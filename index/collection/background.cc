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
      flushes_([this] { Run(&OpenedCollection::WorkOnBuffer, &OpenedCollection::next_flush); }),
      merges_([this] { Run(&OpenedCollection::MergeFiles, &OpenedCollection::next_merge); }) {}

Background::~Background() {
  ended_ = true;
  signal_->Notify();
  flushes_.join();
  merges_.join();
}

void Background::Run(Work work, NextTime next_time) {
  uint64_t seen = 0;
  while (!ended_) {
    bool worked = false;
    const absl::Time now = absl::Now();
    absl::Time next = now + kLongestWait;
    for (const std::shared_ptr<OpenedCollection>& collection : collections_()) {
      worked |= (*collection.*work)();
      // What is due and was not done is in other hands, which give notice.
      const absl::Time due = (*collection.*next_time)();
      if (due > now) next = std::min(next, due);
    }
    if (!worked) signal_->Wait(seen, next);
  }
}

}  // namespace foraker::index
