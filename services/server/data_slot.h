// Where calls find what serves the data directory: nothing while it is being opened, and no writer
// where the directory is only read.
//
// Thread-safe. Whoever got a part may use it as long as it holds the pointer.

#ifndef FORAKER_SERVICES_SERVER_DATA_SLOT_H_
#define FORAKER_SERVICES_SERVER_DATA_SLOT_H_

#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "retrieval/api/administrator.h"
#include "retrieval/api/searcher.h"
#include "retrieval/api/writer.h"

namespace foraker::server {

// A data directory that is open: writer and administrator both or neither.
struct ServedData {
  std::shared_ptr<retrieval::Searcher> searcher;
  std::shared_ptr<retrieval::Writer> writer;
  std::shared_ptr<retrieval::Administrator> administrator;
};

class DataSlot {
 public:
  void Set(ServedData data) {
    const std::lock_guard lock(mutex_);
    data_ = std::move(data);
  }

  // kUnavailable while the directory is being opened.
  absl::StatusOr<std::shared_ptr<retrieval::Searcher>> Searcher() const {
    const std::lock_guard lock(mutex_);
    if (data_.searcher == nullptr) return Opening();
    return data_.searcher;
  }

  // Also kFailedPrecondition where it is only read.
  absl::StatusOr<std::shared_ptr<retrieval::Writer>> Writer() const {
    const std::lock_guard lock(mutex_);
    if (data_.writer == nullptr) return NoWriter();
    return data_.writer;
  }
  absl::StatusOr<std::shared_ptr<retrieval::Administrator>> Administrator() const {
    const std::lock_guard lock(mutex_);
    if (data_.administrator == nullptr) return NoWriter();
    return data_.administrator;
  }

 private:
  static absl::Status Opening() {
    return absl::UnavailableError("the collections are still being opened; retry shortly");
  }
  absl::Status NoWriter() const {
    if (data_.searcher == nullptr) return Opening();
    return absl::FailedPreconditionError(
        "this server only reads its data directory (server.read_only)");
  }

  mutable std::mutex mutex_;
  ServedData data_;
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_DATA_SLOT_H_
