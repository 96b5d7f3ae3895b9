#include "index/store/named_snapshots.h"

#include <utility>
#include <vector>

#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "index/collection/term_statistics.h"
#include "index/segment/segment.h"
#include "index/store/data_files.h"
#include "index/store/record_codec.h"

namespace foraker::index {

std::string SnapshotDir(const std::string& data_dir, std::string_view collection,
                        std::string_view snapshot) {
  return absl::StrCat(data_dir, "/snapshots/", base::ToAbsl(collection), "/",
                      base::ToAbsl(snapshot));
}

absl::Status WriteSnapshotDir(const std::string& collection_dir, const CollectionRecord& record,
                              const std::string& snapshot_dir) {
  RETURN_IF_ERROR(base::RemoveTree(snapshot_dir));  // left by a crash: the catalog does not name it
  RETURN_IF_ERROR(base::CreateDirectories(snapshot_dir));
  for (const std::string& file : FilesOf(record)) {
    RETURN_IF_ERROR(
        LinkOrCopy(absl::StrCat(collection_dir, "/", file), absl::StrCat(snapshot_dir, "/", file)));
  }
  RETURN_IF_ERROR(base::WriteFile(absl::StrCat(snapshot_dir, "/record"), EncodeRecord(record)));
  std::string parent = base::DirectoryOf(snapshot_dir);  // .../snapshots/COLLECTION
  RETURN_IF_ERROR(base::SyncDirectory(parent));
  parent = base::DirectoryOf(parent);
  RETURN_IF_ERROR(base::SyncDirectory(parent));
  return base::SyncDirectory(base::DirectoryOf(parent));
}

absl::Status LinkSnapshotFiles(const std::string& snapshot_dir, const std::string& collection_dir,
                               CollectionRecord& record) {
  RETURN_IF_ERROR(base::CreateDirectories(collection_dir));
  const auto link = [&](std::string& file, std::string name) {
    const std::string path = absl::StrCat(collection_dir, "/", name);
    RETURN_IF_ERROR(base::RemoveFile(path));  // of an attempt that came to nothing
    RETURN_IF_ERROR(LinkOrCopy(absl::StrCat(snapshot_dir, "/", file), path));
    file = std::move(name);
    return absl::OkStatus();
  };
  for (SegmentRecord& segment : record.segments) {
    RETURN_IF_ERROR(link(segment.file, SegmentFileName(record.next_file++)));
  }
  if (record.statistics_file.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(link(record.statistics_file, StatisticsFileName(record.next_file++)));
  record.idf_version = record.generation;
  return absl::OkStatus();
}

absl::StatusOr<CollectionRecord> ReadSnapshotDir(const std::string& snapshot_dir) {
  const std::string path = absl::StrCat(snapshot_dir, "/record");
  if (!base::FileExists(path)) {
    return absl::InvalidArgumentError(
        absl::StrCat(snapshot_dir, ": expected the directory of a named snapshot, found none"));
  }
  ASSIGN_OR_RETURN(const std::string bytes, base::ReadFile(path));
  ASSIGN_OR_RETURN(CollectionRecord record, DecodeRecord(bytes));
  for (const std::string& file : FilesOf(record)) {
    if (DataFileNumber(file) == 0) {
      return absl::DataLossError(absl::StrCat(path, ": \"", file, "\" is no file of a collection"));
    }
  }
  for (const SegmentRecord& segment : record.segments) {
    RETURN_IF_ERROR(Segment::Open(absl::StrCat(snapshot_dir, "/", segment.file)).status());
  }
  if (record.statistics_file.empty()) return record;
  RETURN_IF_ERROR(
      TermStatistics::Open(absl::StrCat(snapshot_dir, "/", record.statistics_file)).status());
  return record;
}

absl::Status RemoveUnnamedSnapshots(const std::string& data_dir, const CatalogState& state) {
  const std::string root = absl::StrCat(data_dir, "/snapshots");
  if (!base::FileExists(root)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> collections, base::ListDirectory(root));
  for (const std::string& collection : collections) {
    ASSIGN_OR_RETURN(const std::vector<std::string> snapshots,
                     base::ListDirectory(absl::StrCat(root, "/", collection)));
    for (const std::string& snapshot : snapshots) {
      if (state.snapshots.contains({collection, snapshot})) continue;
      RETURN_IF_ERROR(base::RemoveTree(SnapshotDir(data_dir, collection, snapshot)));
    }
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
