#include "services/cli/copy_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"

namespace foraker::cli {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(const std::string& what, const std::string& path,
                    const std::error_code& error) {
  const std::string message = absl::StrCat("cannot ", what, " ", path, ": ", error.message());
  if (error == std::errc::no_such_file_or_directory) return absl::NotFoundError(message);
  if (error == std::errc::no_space_on_device) return absl::ResourceExhaustedError(message);
  return absl::InternalError(message);
}

absl::Status SyncFile(const std::string& path) {
  ASSIGN_OR_RETURN(const base::FileDescriptor file, base::FileDescriptor::Open(path, O_RDONLY));
  return fsync(file.get()) == 0 ? absl::OkStatus() : base::SystemError("sync", path);
}

// Everything below `directory`, and itself.
absl::Status SyncTree(const std::string& directory) {
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    const std::string path = entry->path().string();
    const bool is_directory = entry->is_directory(error);
    if (error) break;
    RETURN_IF_ERROR(is_directory ? base::SyncDirectory(path) : SyncFile(path));
  }
  if (error) return Failed("read", directory, error);
  return base::SyncDirectory(directory);
}

}  // namespace

absl::Status CopyDirectory(const std::string& from, const std::string& to) {
  std::error_code error;
  if (fs::exists(to, error)) return absl::AlreadyExistsError(absl::StrCat(to, " exists"));
  const std::string unfinished = absl::StrCat(to, std::string(base::kUnfinishedSuffix));
  const absl::Cleanup remove = [&unfinished] { base::RemoveTree(unfinished).IgnoreError(); };
  RETURN_IF_ERROR(base::RemoveTree(unfinished));
  RETURN_IF_ERROR(base::CreateDirectories(base::DirectoryOf(to)));
  fs::copy(from, unfinished, fs::copy_options::recursive, error);
  if (error) return Failed("copy", from, error);
  RETURN_IF_ERROR(SyncTree(unfinished));
  fs::rename(unfinished, to, error);
  if (error) return Failed("rename", unfinished, error);
  return base::SyncDirectory(base::DirectoryOf(to));
}

}  // namespace foraker::cli
