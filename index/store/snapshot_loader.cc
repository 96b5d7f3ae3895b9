#include "index/store/snapshot_loader.h"

#include <sys/stat.h>

#include <exception>
#include <utility>

#include "base/file.h"
#include "base/status.h"
#include "index/collection/deleted_documents.h"

namespace foraker::index {

absl::StatusOr<SnapshotLoader::Identity> SnapshotLoader::Identify(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return base::SystemError("cannot stat", path);
  constexpr uint64_t kNanosecondsASecond = 1'000'000'000;
  return Identity{static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino),
                  static_cast<uint64_t>(info.st_size),
                  static_cast<uint64_t>(info.st_mtim.tv_sec) * kNanosecondsASecond +
                      static_cast<uint64_t>(info.st_mtim.tv_nsec)};
}

template <typename File>
absl::StatusOr<std::shared_ptr<const File>> SnapshotLoader::OpenOnce(const std::string& directory,
                                                                     const std::string& name,
                                                                     const OpenFiles<File>& before,
                                                                     OpenFiles<File>& now) {
  const std::string path = absl::StrCat(directory, "/", name);
  ASSIGN_OR_RETURN(const Identity identity, Identify(path));
  const auto known = before.find(name);
  if (known != before.end() && known->second.identity == identity) {
    return now.emplace(name, known->second).first->second.file;
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const File> file, File::Open(path));
  now.emplace(name, OpenFile<File>{identity, file});
  return file;
}

absl::StatusOr<std::shared_ptr<const Snapshot>> SnapshotLoader::Load(
    const std::string& directory, const CollectionRecord& record) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->collection = record.name;
  snapshot->generation = record.generation;
  snapshot->sequence = record.sequence;
  snapshot->settings = record.settings;
  snapshot->idf_version = record.idf_version;

  OpenFiles<Segment> segments;
  for (const SegmentRecord& named : record.segments) {
    LiveSegment live;
    ASSIGN_OR_RETURN(live.segment, OpenOnce(directory, named.file, segments_, segments));
    ASSIGN_OR_RETURN(live.deleted_documents, DecodeDeleted(named.deleted_documents, *live.segment));
    const uint64_t deleted = live.deleted_documents ? live.deleted_documents->cardinality() : 0;
    if (live.segment->num_documents() - deleted != named.live_documents) {
      return absl::DataLossError(absl::StrCat(directory, "/", named.file, " has ",
                                              live.segment->num_documents(), " documents, ",
                                              deleted, " of them deleted, but the catalog counts ",
                                              named.live_documents, " live ones"));
    }
    snapshot->live_documents += named.live_documents;
    snapshot->live_passages += named.live_passages;
    snapshot->segments.push_back(std::move(live));
  }

  OpenFiles<TermStatistics> statistics;
  if (!record.statistics_file.empty()) {
    ASSIGN_OR_RETURN(snapshot->statistics,
                     OpenOnce(directory, record.statistics_file, statistics_, statistics));
  }
  segments_ = std::move(segments);
  statistics_ = std::move(statistics);
  return snapshot;
}

}  // namespace foraker::index
