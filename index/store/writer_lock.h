// The lock of a data directory: DIR/LOCK, held by the one process that writes. It goes away with
// the process, however that ends. The file's contents say who holds it: "PID COMMAND LINE".

#ifndef FORAKER_INDEX_STORE_WRITER_LOCK_H_
#define FORAKER_INDEX_STORE_WRITER_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/file.h"

namespace foraker::index {

class WriterLock {
 public:
  // kFailedPrecondition, naming process and command, when it is held (by this process too).
  static absl::StatusOr<WriterLock> Acquire(const std::string& data_dir);

 private:
  explicit WriterLock(base::FileDescriptor file) : file_(std::move(file)) {}

  base::FileDescriptor file_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_WRITER_LOCK_H_
