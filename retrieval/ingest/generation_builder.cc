#include "retrieval/ingest/generation_builder.h"

#include <memory>
#include <utility>

#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "index/collection/deleted_documents.h"
#include "index/store/data_files.h"
#include "retrieval/ingest/replaced_documents.h"

namespace foraker::retrieval {

absl::StatusOr<GenerationBuilder> GenerationBuilder::Start(index::Catalog& catalog,
                                                           std::string_view collection) {
  absl::StatusOr<index::CollectionInfo> info = catalog.Get(collection);
  if (absl::IsNotFound(info.status())) {
    RETURN_IF_ERROR(index::ValidateName("collection", collection));
    index::CollectionRecord record;
    record.name = collection;
    record.generation = 1;
    return GenerationBuilder(catalog, std::move(record));
  }
  RETURN_IF_ERROR(info.status());
  ASSIGN_OR_RETURN(const std::vector<index::LogEntry> log,
                   catalog.ReadLog(info->record.name, info->record.sequence, 0));
  if (!log.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("collection \"", info->record.name,
                     "\" has logged writes that no segment holds yet; flush it first"));
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const index::Snapshot> snapshot,
                   catalog.Current(collection));
  GenerationBuilder builder(catalog, std::move(info->record));
  builder.segments_ = snapshot->segments;
  builder.num_published_ = snapshot->segments.size();
  for (const index::SegmentRecord& segment : builder.record_.segments) {
    builder.files_.push_back(segment.file);
    builder.paths_.emplace_back();
  }
  ++builder.record_.generation;
  return builder;
}

absl::Status GenerationBuilder::AddSegment(const std::string& path,
                                           std::shared_ptr<const index::DocumentSet> deleted) {
  ASSIGN_OR_RETURN(std::shared_ptr<const index::Segment> segment, index::Segment::Open(path));
  segments_.push_back({std::move(segment), std::move(deleted)});
  paths_.push_back(path);
  files_.push_back(index::SegmentFileName(record_.next_file++));
  return absl::OkStatus();
}

absl::StatusOr<GenerationBuilder::Totals> GenerationBuilder::NameSegments() {
  const std::string directory = catalog_->CollectionDir(record_.name);
  RETURN_IF_ERROR(base::CreateDirectories(directory));
  Totals totals;
  std::vector<index::LiveSegment> live_segments;
  record_.segments.clear();
  for (size_t i = 0; i < segments_.size(); ++i) {
    index::LiveSegment& live = segments_[i];
    index::SegmentRecord named;
    named.file = files_[i];
    named.live_documents = live.segment->num_documents();
    if (live.deleted_documents != nullptr) {
      named.live_documents -= live.deleted_documents->cardinality();
      named.deleted_documents = index::EncodeDeleted(*live.deleted_documents);
    }
    if (named.live_documents == 0) continue;
    ASSIGN_OR_RETURN(named.live_passages, index::CountLivePassages(live));
    if (!paths_[i].empty()) {
      const std::string name = absl::StrCat(directory, "/", files_[i]);
      RETURN_IF_ERROR(base::RemoveFile(name));  // of an attempt that came to nothing
      RETURN_IF_ERROR(index::LinkOrCopy(paths_[i], name));
      totals.new_documents += named.live_documents;
      totals.new_passages += named.live_passages;
      totals.new_bytes += live.segment->file().file_bytes();
    }
    record_.segments.push_back(std::move(named));
    live_segments.push_back(std::move(live));
  }
  segments_ = std::move(live_segments);
  return totals;
}

absl::StatusOr<GenerationBuilder::Totals> GenerationBuilder::Complete(bool with_statistics,
                                                                      size_t memory_bytes) {
  ASSIGN_OR_RETURN(const uint64_t replaced, MarkReplaced(segments_, num_published_, memory_bytes));
  ASSIGN_OR_RETURN(Totals totals, NameSegments());
  totals.replaced = replaced;
  if (!with_statistics) return totals;
  record_.statistics_file = index::StatisticsFileName(record_.next_file++);
  record_.idf_version = record_.generation;
  const std::string path =
      absl::StrCat(catalog_->CollectionDir(record_.name), "/", record_.statistics_file);
  RETURN_IF_ERROR(index::TermStatistics::Write(segments_, {}, path));
  ASSIGN_OR_RETURN(const uint64_t bytes, base::FileSize(path));
  totals.new_bytes += bytes;
  return totals;
}

}  // namespace foraker::retrieval
