#include "index/store/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace foraker::index {
namespace {

constexpr size_t kMaxOwnerBytes = 512;

// "PID COMMAND LINE" of this process.
std::string Owner() {
  std::string command = base::ReadFile("/proc/self/cmdline").value_or("");
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  return absl::StrCat(getpid(), " ", command).substr(0, kMaxOwnerBytes);
}

absl::Status Held(const std::string& data_dir, int file) {
  char text[kMaxOwnerBytes];
  const ssize_t length = pread(file, text, sizeof(text), 0);
  const std::string owner(text, static_cast<size_t>(std::max<ssize_t>(length, 0)));
  const size_t space = owner.find(' ');
  if (space == std::string::npos) {
    return absl::FailedPreconditionError(
        absl::StrCat(data_dir, " is being written by another process; wait until it is done"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(data_dir, " is being written by process ", owner.substr(0, space), " (",
                   owner.substr(space + 1), "); wait until it is done"));
}

}  // namespace

absl::StatusOr<WriterLock> WriterLock::Acquire(const std::string& data_dir) {
  const std::string path = absl::StrCat(data_dir, "/LOCK");
  ASSIGN_OR_RETURN(base::FileDescriptor file, base::FileDescriptor::Open(path, O_RDWR | O_CREAT));
  // flock belongs to the descriptor: a second attempt in this process is refused too, and closing
  // another descriptor of the file does not release it.
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return base::SystemError("cannot lock", path);
    return Held(data_dir, file.get());
  }
  const std::string owner = Owner();
  if (ftruncate(file.get(), 0) != 0) return base::SystemError("cannot write", path);
  for (size_t written = 0; written < owner.size();) {
    const ssize_t length = pwrite(file.get(), owner.data() + written, owner.size() - written,
                                  static_cast<off_t>(written));
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return base::SystemError("cannot write", path);
    written += static_cast<size_t>(length);
  }
  return WriterLock(std::move(file));
}

}  // namespace foraker::index
