// Directories, with errors that name the path and what the system said; codes as in base/file.h.
// Thread-safe.

#ifndef FORAKER_BASE_DIRECTORY_H_
#define FORAKER_BASE_DIRECTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace foraker::base {

// Makes renames, new names and removals in the directory durable.
absl::Status SyncDirectory(const std::string& path);
// Also the missing parents; existing ones are fine.
absl::Status CreateDirectories(const std::string& path);
// Names of the entries, sorted; "." and ".." left out.
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path);
// With everything in it; a missing directory is fine.
absl::Status RemoveTree(const std::string& path);

// "a/b/c" -> "a/b"; "c" -> "."; "/c" -> "/".
std::string DirectoryOf(const std::string& path);

}  // namespace foraker::base

#endif  // FORAKER_BASE_DIRECTORY_H_
