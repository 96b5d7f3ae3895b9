// Makes system calls on files fail, for tests: a library that is preloaded into a program
// (LD_PRELOAD) and stands before the C library's calls.
//
// FORAKER_FAULTS names a file of rules. It is looked at with every call, so that a test switches
// faults on and off while the program runs by replacing the file (rename: a half-written file would
// be read as it is); counting starts again with the new file, and no file means no faults. One rule
// a line, of which the first that fits a call and is due decides:
//
//   CALLS ACTION [path=TEXT] [after=N] [times=M]
//
//   CALLS   of open, write, sync, truncate, allocate, rename, link, unlink, joined by commas; or
//           all. An open counts when it is for writing.
//   ACTION  enospc, eio    the call fails with that error
//           short          a write writes half of its bytes (at least one) and says so
//           kill           the process kills itself before the call,
//           torn           after half of a write's bytes,
//           after_kill     or after the call
//   path    only calls on paths that contain TEXT; of a rename or link, either path
//   after   the first N of the rule's calls go through
//   times   then so many are hit; all of them when it is not given
//
// FORAKER_FAULTS_REPORT names a file to which a line "CALL ACTION PATH" is appended for every call
// that is hit.
//
// Descriptors are named by /proc/self/fd. The library itself makes system calls alone.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace {

enum class Action { kNone, kNoSpace, kIoError, kShort, kKill, kTorn, kAfterKill };

struct Rule {
  std::string calls;  // ",write,sync," or empty: all
  std::string action_name;
  Action action = Action::kNone;
  std::string path;
  uint64_t after = 0;
  uint64_t times = UINT64_MAX;
  uint64_t seen = 0;
};

Action ActionOf(const std::string& name) {
  if (name == "enospc") return Action::kNoSpace;
  if (name == "eio") return Action::kIoError;
  if (name == "short") return Action::kShort;
  if (name == "kill") return Action::kKill;
  if (name == "torn") return Action::kTorn;
  if (name == "after_kill") return Action::kAfterKill;
  return Action::kNone;
}

Rule ParseRule(const std::string& line) {
  Rule rule;
  std::istringstream words(line);
  std::string word;
  words >> word >> rule.action_name;
  if (word != "all") rule.calls = std::string(",").append(word).append(",");
  rule.action = ActionOf(rule.action_name);
  while (words >> word) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) continue;
    const std::string value = word.substr(equals + 1);
    if (word.compare(0, equals, "path") == 0) rule.path = value;
    if (word.compare(0, equals, "after") == 0) rule.after = std::stoull(value);
    if (word.compare(0, equals, "times") == 0) rule.times = std::stoull(value);
  }
  return rule;
}

// A whole file by system calls; empty when there is none.
std::string ReadWhole(const char* path) {
  std::string contents;
  const long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return contents;
  char piece[4096];
  for (long length = 1; length > 0;) {
    length = syscall(SYS_read, file, piece, sizeof(piece));
    if (length > 0) contents.append(piece, static_cast<size_t>(length));
  }
  syscall(SYS_close, file);
  return contents;
}

// Never destroyed: other destructors may write.
class Rules {
 public:
  static Rules& Get() {
    static Rules* const rules = new Rules;
    return *rules;
  }

  bool active() const { return control_ != nullptr; }

  Action Decide(const char* call, const std::string& path, const std::string& other_path) {
    const std::lock_guard lock(mutex_);
    ReadAgain();
    for (Rule& rule : rules_) {
      if (!rule.calls.empty() &&
          rule.calls.find(std::string(",").append(call).append(",")) == std::string::npos) {
        continue;
      }
      if (path.find(rule.path) == std::string::npos &&
          other_path.find(rule.path) == std::string::npos) {
        continue;
      }
      const uint64_t number = rule.seen++;
      if (number < rule.after || number - rule.after >= rule.times) continue;
      Report(call, rule.action_name, path);
      return rule.action;
    }
    return Action::kNone;
  }

 private:
  Rules() : control_(getenv("FORAKER_FAULTS")), report_(getenv("FORAKER_FAULTS_REPORT")) {}

  // A replaced file has another inode or time.
  void ReadAgain() {
    struct stat now {};
    if (stat(control_, &now) != 0) {
      rules_.clear();
      known_ = {};
      return;
    }
    if (now.st_ino == known_.st_ino && now.st_size == known_.st_size &&
        now.st_mtim.tv_sec == known_.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == known_.st_mtim.tv_nsec) {
      return;
    }
    known_ = now;
    rules_.clear();
    std::istringstream lines(ReadWhole(control_));
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty()) rules_.push_back(ParseRule(line));
    }
  }

  void Report(const char* call, const std::string& action, const std::string& path) const {
    if (report_ == nullptr) return;
    const std::string line = std::string(call) + " " + action + " " + path + "\n";
    const long file =
        syscall(SYS_openat, AT_FDCWD, report_, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return;
    syscall(SYS_write, file, line.data(), line.size());
    syscall(SYS_close, file);
  }

  const char* const control_;
  const char* const report_;
  std::mutex mutex_;
  struct stat known_ {};
  std::vector<Rule> rules_;
};

// What is to happen to a call. errno is left as it was.
Action Decide(const char* call, const std::string& path, const std::string& other_path = "") {
  const int before = errno;
  const Action action = Rules::Get().Decide(call, path, other_path.empty() ? path : other_path);
  errno = before;
  return action;
}

Action DecideDescriptor(const char* call, int descriptor) {
  if (!Rules::Get().active()) return Action::kNone;
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const long length = syscall(SYS_readlinkat, AT_FDCWD, link.c_str(), path, sizeof(path));
  if (length <= 0 || path[0] != '/') return Action::kNone;  // a pipe, a socket
  return Decide(call, std::string(path, static_cast<size_t>(length)));
}

void Die() { syscall(SYS_kill, getpid(), SIGKILL); }

// The call under the action that was decided; `half` is it for half of its bytes.
template <typename Call, typename Half>
long Perform(Action action, Call call, Half half) {
  switch (action) {
    case Action::kNone:
      break;
    case Action::kNoSpace:
      errno = ENOSPC;
      return -1;
    case Action::kIoError:
      errno = EIO;
      return -1;
    case Action::kShort:
      return half();
    case Action::kKill:
      Die();
      break;
    case Action::kTorn:
      half();
      Die();
      break;
    case Action::kAfterKill: {
      const long result = call();
      Die();
      return result;
    }
  }
  return call();
}

template <typename Call>
long Perform(Action action, Call call) {
  return Perform(action, call, call);
}

size_t Half(size_t bytes) { return std::max<size_t>(bytes / 2, bytes > 0 ? 1 : 0); }

long WriteVector(long number, int descriptor, const iovec* pieces, int count, off_t offset) {
  const long low = static_cast<long>(offset);
  return Perform(
      DecideDescriptor("write", descriptor),
      [&] { return syscall(number, descriptor, pieces, count, low, 0L); },
      [&] {
        iovec first = count > 0 ? pieces[0] : iovec{};
        first.iov_len = Half(first.iov_len);
        return syscall(number, descriptor, &first, count > 0 ? 1 : 0, low, 0L);
      });
}

int OpenAt(int directory, const char* path, int flags, mode_t mode) {
  const auto open = [&] { return syscall(SYS_openat, directory, path, flags, mode); };
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  if (!writes || !Rules::Get().active()) return static_cast<int>(open());
  return static_cast<int>(Perform(Decide("open", path), open));
}

// The mode stands behind the flags only when a file may be made.
mode_t ModeOf(int flags, va_list arguments) {
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return makes ? static_cast<mode_t>(va_arg(arguments, unsigned)) : 0;
}

template <typename Call>
int OnPaths(const char* name, const char* path, const char* other, Call call) {
  if (!Rules::Get().active()) return static_cast<int>(call());
  return static_cast<int>(Perform(Decide(name, path, other), call));
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t count) {
  return Perform(
      DecideDescriptor("write", descriptor),
      [&] { return syscall(SYS_write, descriptor, bytes, count); },
      [&] { return syscall(SYS_write, descriptor, bytes, Half(count)); });
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off_t offset) {
  return Perform(
      DecideDescriptor("write", descriptor),
      [&] { return syscall(SYS_pwrite64, descriptor, bytes, count, offset); },
      [&] { return syscall(SYS_pwrite64, descriptor, bytes, Half(count), offset); });
}
ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}
ssize_t writev(int descriptor, const iovec* pieces, int count) {
  return WriteVector(SYS_writev, descriptor, pieces, count, 0);
}
ssize_t pwritev64(int descriptor, const iovec* pieces, int count, off_t offset) {
  return WriteVector(SYS_pwritev, descriptor, pieces, count, offset);
}
ssize_t pwritev(int descriptor, const iovec* pieces, int count, off_t offset) {
  return pwritev64(descriptor, pieces, count, offset);
}

int fsync(int descriptor) {
  return static_cast<int>(Perform(DecideDescriptor("sync", descriptor),
                                  [&] { return syscall(SYS_fsync, descriptor); }));
}
int fdatasync(int descriptor) {
  return static_cast<int>(Perform(DecideDescriptor("sync", descriptor),
                                  [&] { return syscall(SYS_fdatasync, descriptor); }));
}

int ftruncate64(int descriptor, off_t length) noexcept {
  return static_cast<int>(Perform(DecideDescriptor("truncate", descriptor),
                                  [&] { return syscall(SYS_ftruncate, descriptor, length); }));
}
int ftruncate(int descriptor, off_t length) noexcept { return ftruncate64(descriptor, length); }

int fallocate64(int descriptor, int mode, off_t offset, off_t length) {
  return static_cast<int>(Perform(DecideDescriptor("allocate", descriptor), [&] {
    return syscall(SYS_fallocate, descriptor, mode, offset, length);
  }));
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  return fallocate64(descriptor, mode, offset, length);
}
// Gives the error back instead of setting errno.
int posix_fallocate64(int descriptor, off_t offset, off_t length) {
  const int before = errno;
  const int error = fallocate64(descriptor, 0, offset, length) == 0 ? 0 : errno;
  errno = before;
  return error;
}
int posix_fallocate(int descriptor, off_t offset, off_t length) {
  return posix_fallocate64(descriptor, offset, length);
}

int rename(const char* from, const char* to) noexcept {
  return OnPaths("rename", from, to,
                 [&] { return syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to); });
}
int link(const char* from, const char* to) noexcept {
  return OnPaths("link", from, to,
                 [&] { return syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); });
}
int unlink(const char* path) noexcept {
  return OnPaths("unlink", path, path, [&] { return syscall(SYS_unlinkat, AT_FDCWD, path, 0); });
}
int unlinkat(int directory, const char* path, int flags) noexcept {
  return OnPaths("unlink", path, path,
                 [&] { return syscall(SYS_unlinkat, directory, path, flags); });
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenAt(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenAt(AT_FDCWD, path, flags, mode);
}
int openat(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenAt(directory, path, flags, mode);
}
int openat64(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenAt(directory, path, flags, mode);
}

}  // extern "C"
