#include "index/store/data_directory.h"

#include <string_view>
#include <vector>

#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "index/store/data_files.h"
#include "index/store/named_snapshots.h"

namespace foraker::index {
namespace {

constexpr std::string_view kFormat = "foraker data 1\n";

std::string FormatPath(const std::string& data_dir) { return absl::StrCat(data_dir, "/FORMAT"); }

}  // namespace

absl::StatusOr<bool> HasFormat(const std::string& data_dir) {
  const std::string path = FormatPath(data_dir);
  if (!base::FileExists(path)) return false;
  ASSIGN_OR_RETURN(const std::string format, base::ReadFile(path, 1 << 10));
  if (format == kFormat) return true;
  return absl::FailedPreconditionError(absl::StrCat(path, " says \"",
                                                    format.substr(0, format.find('\n')),
                                                    "\"; this build reads \"foraker data 1\""));
}

absl::Status WriteFormat(const std::string& data_dir) {
  return base::WriteFile(FormatPath(data_dir), kFormat);
}

absl::Status RemoveLeftovers(const std::string& data_dir, const CatalogState& state,
                             CatalogDatabase& database) {
  ASSIGN_OR_RETURN(const std::vector<std::string> logged, database.LoggedCollections());
  for (const std::string& name : logged) {
    const auto record = state.collections.find(name);
    RETURN_IF_ERROR(record == state.collections.end()
                        ? database.EraseLog(name)
                        : database.CutLog(name, record->second.sequence));
  }
  const std::string collections = absl::StrCat(data_dir, "/collections");
  RETURN_IF_ERROR(base::CreateDirectories(collections));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, base::ListDirectory(collections));
  for (const std::string& name : names) {
    const auto record = state.collections.find(name);
    const bool named = record != state.collections.end();
    const std::string directory = absl::StrCat(collections, "/", name);
    RETURN_IF_ERROR(RemoveUnnamedFiles(directory, named ? &record->second : nullptr));
    // A rebuild does not outlive its process.
    RETURN_IF_ERROR(base::RemoveTree(absl::StrCat(directory, "/rebuild")));
    if (named) continue;
    ASSIGN_OR_RETURN(const std::vector<std::string> left, base::ListDirectory(directory));
    if (left.empty()) RETURN_IF_ERROR(base::RemoveTree(directory));  // else a build is under way
  }
  return RemoveUnnamedSnapshots(data_dir, state);
}

}  // namespace foraker::index
