#include "ranker/decoder/cpu/workers.h"

#include <algorithm>
#include <utility>

#include "model/cpu/linear.h"

namespace foraker::ranker {

Workers::Workers(size_t threads) {
  for (size_t worker = 1; worker < threads; ++worker) {
    threads_.emplace_back([this, worker] { Serve(worker); });
  }
}

Workers::~Workers() {
  {
    base::MutexLock lock(&mutex_);
    ends_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void Workers::Run(size_t items, const Work& work) {
  const model::OneThread one_thread;
  next_ = 0;
  if (threads_.empty() || items <= 1) {
    for (size_t item = 0; item < items; ++item) work(0, item);
    return;
  }
  {
    base::MutexLock lock(&mutex_);
    work_ = &work;
    items_ = items;
    active_ = threads_.size();
    ++run_;
  }
  TakeItems(0, items, work);
  base::MutexLock lock(&mutex_);
  mutex_.Await([this] {
    mutex_.AssertHeld();
    return active_ == 0;
  });
  if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Workers::Serve(size_t worker) {
  const model::OneThread one_thread;
  uint64_t served = 0;
  while (true) {
    const Work* work = nullptr;
    size_t items = 0;
    {
      base::MutexLock lock(&mutex_);
      mutex_.Await([this, served] {
        mutex_.AssertHeld();
        return ends_ || run_ != served;
      });
      if (ends_) return;
      served = run_;
      work = work_;
      items = items_;
    }
    TakeItems(worker, items, *work);
    base::MutexLock lock(&mutex_);
    --active_;
  }
}

void Workers::TakeItems(size_t worker, size_t items, const Work& work) {
  try {
    for (size_t item = next_++; item < items; item = next_++) work(worker, item);
  } catch (...) {
    next_ = items;
    base::MutexLock lock(&mutex_);
    if (thrown_ == nullptr) thrown_ = std::current_exception();
  }
}

}  // namespace foraker::ranker
