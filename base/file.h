// Files, with errors that name the path and what the system said.
//
// Every write here survives a kill at any instant: a file is written under another name, synced,
// renamed, and its directory is synced. Interrupted calls and short transfers are continued.
// Error codes follow errno: kNotFound, kAlreadyExists, kPermissionDenied, kResourceExhausted (disk
// full, too many files), kInternal for the rest.
//
// Free functions are thread-safe; objects belong to one thread at a time.

#ifndef FORAKER_BASE_FILE_H_
#define FORAKER_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace foraker::base {

// "cannot ACTION PATH: text of errno", with the code that belongs to errno.
absl::Status SystemError(std::string_view action, std::string_view path);

// Owns an open descriptor.
class FileDescriptor {
 public:
  static absl::StatusOr<FileDescriptor> Open(const std::string& path, int flags, int mode = 0644);

  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// A file that appears under its name only when it is whole. Until Commit it is PATH.tmp, which
// Create overwrites (a killed process may have left one) and the destructor removes.
class AtomicFile {
 public:
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Create(std::string path);
  ~AtomicFile();

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }  // bytes appended

  absl::Status Append(std::span<const std::byte> bytes);
  // Replaces bytes that were appended before; `offset` + length is at most size().
  absl::Status Overwrite(uint64_t offset, std::span<const std::byte> bytes);
  absl::Status Commit();

 private:
  AtomicFile(std::string path, FileDescriptor file);
  absl::Status FlushBuffer();

  std::string path_;
  FileDescriptor file_;
  std::vector<std::byte> buffer_;  // the end of what was appended, not yet written
  uint64_t size_ = 0;
  bool committed_ = false;
};

// Ending of the names under which unfinished files lie; leftovers may be removed at any time when
// no writer is active.
inline constexpr std::string_view kUnfinishedSuffix = ".tmp";

// A temporary file without a name, for what does not fit in memory: gone when it is closed or the
// process ends.
class SpoolFile {
 public:
  static absl::StatusOr<std::unique_ptr<SpoolFile>> Create(const std::string& directory);

  uint64_t size() const { return size_; }
  absl::Status Append(std::span<const std::byte> bytes);
  // Fills `out` from `offset`; the range must have been appended.
  absl::Status Read(uint64_t offset, std::span<std::byte> out) const;

 private:
  SpoolFile(std::string directory, FileDescriptor file);

  std::string directory_;  // for messages
  FileDescriptor file_;
  uint64_t size_ = 0;
};

// The whole file; kInvalidArgument when it is longer than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes = 64 << 20);
// Replaces the file as AtomicFile does.
absl::Status WriteFile(const std::string& path, std::string_view contents);

absl::StatusOr<uint64_t> FileSize(const std::string& path);
bool FileExists(const std::string& path);
// A missing file is fine.
absl::Status RemoveFile(const std::string& path);
// A second name for the same file.
absl::Status HardLink(const std::string& existing, const std::string& name);

}  // namespace foraker::base

#endif  // FORAKER_BASE_FILE_H_
