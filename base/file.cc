#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/directory.h"
#include "base/status.h"

namespace foraker::base {
namespace {

constexpr size_t kBufferBytes = 256 << 10;

// Calls `transfer(done)` until `length` bytes are through; it returns what read or write does.
template <typename Transfer>
bool TransferAll(size_t length, Transfer transfer) {
  size_t done = 0;
  while (done < length) {
    const ssize_t step = transfer(done);
    if (step > 0) {
      done += static_cast<size_t>(step);
    } else if (step == 0) {
      errno = EIO;  // the file ends before what was written to it
      return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool WriteAll(int descriptor, uint64_t offset, std::span<const std::byte> bytes) {
  return TransferAll(bytes.size(), [&](size_t done) {
    return pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                  static_cast<off_t>(offset + done));
  });
}

}  // namespace

absl::Status SystemError(std::string_view action, std::string_view path) {
  const absl::Status status =
      absl::ErrnoToStatus(errno, absl::StrCat(ToAbsl(action), " ", ToAbsl(path)));
  if (status.code() != absl::StatusCode::kUnknown) return status;
  return absl::InternalError(status.message());
}

absl::StatusOr<FileDescriptor> FileDescriptor::Open(const std::string& path, int flags, int mode) {
  int descriptor = -1;
  do {
    descriptor = open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return SystemError("cannot open", path);
  return FileDescriptor(descriptor);
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFile::Create(std::string path) {
  ASSIGN_OR_RETURN(FileDescriptor file,
                   FileDescriptor::Open(absl::StrCat(path, ToAbsl(kUnfinishedSuffix)),
                                        O_RDWR | O_CREAT | O_TRUNC));
  return std::unique_ptr<AtomicFile>(new AtomicFile(std::move(path), std::move(file)));
}

AtomicFile::AtomicFile(std::string path, FileDescriptor file)
    : path_(std::move(path)), file_(std::move(file)) {}

AtomicFile::~AtomicFile() {
  if (!committed_) unlink(absl::StrCat(path_, ToAbsl(kUnfinishedSuffix)).c_str());
}

absl::Status AtomicFile::FlushBuffer() {
  if (!WriteAll(file_.get(), size_ - buffer_.size(), buffer_)) {
    return SystemError("cannot write", path_);
  }
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status AtomicFile::Append(std::span<const std::byte> bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) RETURN_IF_ERROR(FlushBuffer());
  if (bytes.size() > kBufferBytes) {
    if (!WriteAll(file_.get(), size_, bytes)) return SystemError("cannot write", path_);
  } else {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
  size_ += bytes.size();
  return absl::OkStatus();
}

absl::Status AtomicFile::Overwrite(uint64_t offset, std::span<const std::byte> bytes) {
  RETURN_IF_ERROR(FlushBuffer());
  if (!WriteAll(file_.get(), offset, bytes)) return SystemError("cannot write", path_);
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  RETURN_IF_ERROR(FlushBuffer());
  if (fsync(file_.get()) != 0) return SystemError("cannot sync", path_);
  const std::string unfinished = absl::StrCat(path_, ToAbsl(kUnfinishedSuffix));
  if (rename(unfinished.c_str(), path_.c_str()) != 0) {
    return SystemError("cannot rename to", path_);
  }
  committed_ = true;
  return SyncDirectory(DirectoryOf(path_));
}

absl::StatusOr<std::unique_ptr<SpoolFile>> SpoolFile::Create(const std::string& directory) {
  std::string name = absl::StrCat(directory, "/spool-XXXXXX", ToAbsl(kUnfinishedSuffix));
  const int suffix = static_cast<int>(kUnfinishedSuffix.size());
  const int descriptor = mkostemps(name.data(), suffix, O_CLOEXEC);
  if (descriptor < 0) return SystemError("cannot create a temporary file in", directory);
  FileDescriptor file(descriptor);
  if (unlink(name.c_str()) != 0) return SystemError("cannot unlink", name);
  return std::unique_ptr<SpoolFile>(new SpoolFile(directory, std::move(file)));
}

SpoolFile::SpoolFile(std::string directory, FileDescriptor file)
    : directory_(std::move(directory)), file_(std::move(file)) {}

absl::Status SpoolFile::Append(std::span<const std::byte> bytes) {
  if (!WriteAll(file_.get(), size_, bytes)) {
    return SystemError("cannot write a temporary file in", directory_);
  }
  size_ += bytes.size();
  return absl::OkStatus();
}

absl::Status SpoolFile::Read(uint64_t offset, std::span<std::byte> out) const {
  const bool read = TransferAll(out.size(), [&](size_t done) {
    return pread(file_.get(), out.data() + done, out.size() - done,
                 static_cast<off_t>(offset + done));
  });
  if (!read) return SystemError("cannot read a temporary file in", directory_);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  ASSIGN_OR_RETURN(FileDescriptor file, FileDescriptor::Open(path, O_RDONLY));
  std::string contents;
  char piece[16 << 10];
  while (true) {
    const ssize_t length = read(file.get(), piece, sizeof(piece));
    if (length == 0) return contents;
    if (length < 0) {
      if (errno == EINTR) continue;
      return SystemError("cannot read", path);
    }
    contents.append(piece, static_cast<size_t>(length));
    if (contents.size() > max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot read ", path, ": longer than ", max_bytes, " bytes"));
    }
  }
}

absl::Status WriteFile(const std::string& path, std::string_view contents) {
  ASSIGN_OR_RETURN(std::unique_ptr<AtomicFile> file, AtomicFile::Create(path));
  RETURN_IF_ERROR(file->Append(std::as_bytes(std::span(contents))));
  return file->Commit();
}

absl::StatusOr<uint64_t> FileSize(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return SystemError("cannot stat", path);
  return static_cast<uint64_t>(info.st_size);
}

bool FileExists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

absl::Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError("cannot remove", path);
  return absl::OkStatus();
}

absl::Status HardLink(const std::string& existing, const std::string& name) {
  if (link(existing.c_str(), name.c_str()) != 0) {
    return SystemError(absl::StrCat("cannot link ", existing, " to"), name);
  }
  return absl::OkStatus();
}

}  // namespace foraker::base
