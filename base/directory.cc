#include "base/directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/status.h"

namespace foraker::base {
namespace {

absl::Status FilesystemError(std::string_view action, const std::string& path,
                             const std::error_code& error) {
  errno = error.value();
  return SystemError(action, path);
}

}  // namespace

absl::Status SyncDirectory(const std::string& path) {
  ASSIGN_OR_RETURN(FileDescriptor directory, FileDescriptor::Open(path, O_RDONLY | O_DIRECTORY));
  // Some file systems have nothing to sync for a directory and say EINVAL.
  if (fsync(directory.get()) != 0 && errno != EINVAL) return SystemError("cannot sync", path);
  return absl::OkStatus();
}

absl::Status CreateDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return FilesystemError("cannot create directory", path, error);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return FilesystemError("cannot list", path, error);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status RemoveTree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return FilesystemError("cannot remove", path, error);
  return absl::OkStatus();
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace foraker::base
