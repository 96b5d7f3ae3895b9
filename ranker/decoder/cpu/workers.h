// The threads of one pass: the caller's and some of its own, which share out numbered pieces of
// work. oneDNN's loops stay on the thread that asks (model::OneThread).
//
// Serves one caller at a time. What a piece throws ends the run and is thrown at the caller.

#ifndef FORAKER_RANKER_DECODER_CPU_WORKERS_H_
#define FORAKER_RANKER_DECODER_CPU_WORKERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace foraker::ranker {

class Workers {
 public:
  // `threads`: the caller's included, at least one.
  explicit Workers(size_t threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  size_t size() const { return threads_.size() + 1; }

  // work(worker, item) once for each item below `items`, worker < size(); returns when all are
  // done. Items are begun in order.
  using Work = std::function<void(size_t worker, size_t item)>;
  void Run(size_t items, const Work& work);

 private:
  void Serve(size_t worker);
  void TakeItems(size_t worker, size_t items, const Work& work);

  base::Mutex mutex_;
  const Work* work_ ABSL_GUARDED_BY(mutex_) = nullptr;
  size_t items_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t run_ ABSL_GUARDED_BY(mutex_) = 0;   // counts runs
  size_t active_ ABSL_GUARDED_BY(mutex_) = 0;  // of threads_, in this run
  bool ends_ ABSL_GUARDED_BY(mutex_) = false;
  std::exception_ptr thrown_ ABSL_GUARDED_BY(mutex_);
  std::atomic<size_t> next_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_CPU_WORKERS_H_
