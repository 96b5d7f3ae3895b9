#include "index/collection/collection_head.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "index/segment/segment_writer.h"

namespace foraker::index {
namespace {

using base::ToAbsl;

std::string_view IdOf(const LoggedWrite& write) {
  if (const auto* put = std::get_if<PutDocument>(&write.change)) return put->document.id;
  return std::get<DeleteDocument>(write.change).id;
}

bool IsDeleted(const LiveSegment& live, DocId document) {
  return live.deleted_documents != nullptr && live.deleted_documents->contains(document);
}

bool IsDead(const LiveSegment& live) {
  return live.deleted_documents != nullptr &&
         live.deleted_documents->cardinality() == live.segment->num_documents();
}

// Deletes documents of a snapshot that is being made; a set is copied when it first changes.
class Deletion {
 public:
  explicit Deletion(Snapshot& snapshot) : snapshot_(snapshot), sets_(snapshot.segments.size()) {}

  // The document is live.
  absl::Status Delete(const CollectionHead::Place& place) {
    const LiveSegment& live = snapshot_.segments[place.segment];
    ASSIGN_OR_RETURN(const PassageRange passages, live.segment->PassagesOf(place.document));
    std::shared_ptr<DocumentSet>& set = sets_[place.segment];
    if (set == nullptr) {
      set = live.deleted_documents == nullptr
                ? std::make_shared<DocumentSet>()
                : std::make_shared<DocumentSet>(*live.deleted_documents);
    }
    set->add(place.document);
    --snapshot_.live_documents;
    snapshot_.live_passages -= passages.end - passages.begin;
    return absl::OkStatus();
  }

  void Finish() {
    for (size_t i = 0; i < sets_.size(); ++i) {
      if (sets_[i] != nullptr) snapshot_.segments[i].deleted_documents = std::move(sets_[i]);
    }
  }

 private:
  Snapshot& snapshot_;
  std::vector<std::shared_ptr<DocumentSet>> sets_;  // by segment; null: unchanged
};

// Writes by id: the last one to each.
using LastWrites = absl::flat_hash_map<absl::string_view, size_t>;

// Null when no document was put.
absl::StatusOr<std::shared_ptr<const Segment>> MakeSegment(std::span<const LoggedWrite> writes,
                                                           const LastWrites& last,
                                                           const std::string& collection) {
  std::unique_ptr<SegmentWriter> writer;
  for (size_t i = 0; i < writes.size(); ++i) {
    const auto* put = std::get_if<PutDocument>(&writes[i].change);
    if (put == nullptr || last.at(ToAbsl(put->document.id)) != i) continue;
    if (writer == nullptr) {
      ASSIGN_OR_RETURN(writer, SegmentWriter::CreateInMemory());
    }
    RETURN_IF_ERROR(writer->Add(put->document));
    for (const auto& [key, name] : put->names) {
      if (!writer->HasName(key)) writer->Name(key, name);
    }
  }
  if (writer == nullptr) return nullptr;
  return writer->FinishInMemory(
      absl::StrCat("buffer of \"", collection, "\" at ", writes.back().sequence));
}

// Removes the segments for which `gone` holds; returns how many of them were files.
template <typename Gone>
size_t RemoveSegments(std::vector<LiveSegment>& segments, size_t files, Gone gone) {
  const auto end = segments.begin() + static_cast<std::ptrdiff_t>(files);
  const auto removed = static_cast<size_t>(std::count_if(segments.begin(), end, gone));
  std::erase_if(segments, gone);
  return removed;
}

// What has been deleted in `source` since, where `now` (null: gone) is the segment as it is.
DocumentSet DeletedSince(const LiveSegment& source, const LiveSegment* now) {
  DocumentSet deleted;
  if (now == nullptr) {
    deleted.addRange(0, source.segment->num_documents());
  } else if (now->deleted_documents != nullptr) {
    deleted = *now->deleted_documents;
  }
  if (source.deleted_documents != nullptr) deleted -= *source.deleted_documents;
  return deleted;
}

// Adds the documents of `merged` that have the ids of `documents` in `source`.
absl::Status CarryOver(const Segment& source, const DocumentSet& documents, const Segment& merged,
                       DocumentSet& deleted) {
  for (const DocId document : documents) {
    ASSIGN_OR_RETURN(const std::string_view id, source.Id(document));
    ASSIGN_OR_RETURN(const std::optional<DocId> place, merged.FindId(id));
    if (!place.has_value()) {
      return absl::DataLossError(absl::StrCat(merged.file().path(), ": no document \"", ToAbsl(id),
                                              "\", which was merged from ", source.file().path()));
    }
    deleted.add(*place);
  }
  return absl::OkStatus();
}

}  // namespace

CollectionHead::CollectionHead(std::shared_ptr<const Snapshot> generation)
    : snapshot_(std::move(generation)), disk_segments_(snapshot_->segments.size()) {}

std::span<const LiveSegment> CollectionHead::disk() const {
  return std::span(snapshot_->segments).first(disk_segments_);
}

std::span<const LiveSegment> CollectionHead::memory() const {
  return std::span(snapshot_->segments).subspan(disk_segments_);
}

size_t CollectionHead::memory_bytes() const {
  size_t bytes = 0;
  for (const LiveSegment& live : memory()) bytes += live.segment->file().file_bytes();
  return bytes;
}

absl::StatusOr<std::optional<CollectionHead::Place>> CollectionHead::Find(
    std::string_view id) const {
  // The newest first: what was written lately is likely to be written again.
  for (size_t i = snapshot_->segments.size(); i-- > 0;) {
    const LiveSegment& live = snapshot_->segments[i];
    ASSIGN_OR_RETURN(const std::optional<DocId> document, live.segment->FindId(id));
    if (document.has_value() && !IsDeleted(live, *document)) return Place{i, *document};
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<uint64_t>> CollectionHead::VersionOf(std::string_view id) const {
  ASSIGN_OR_RETURN(const std::optional<Place> place, Find(id));
  if (!place.has_value()) return std::nullopt;
  return snapshot_->segments[place->segment].segment->Version(place->document);
}

absl::Status CollectionHead::Apply(std::span<const LoggedWrite> writes) {
  if (writes.empty()) return absl::OkStatus();
  LastWrites last;
  for (size_t i = 0; i < writes.size(); ++i) last[ToAbsl(IdOf(writes[i]))] = i;
  ASSIGN_OR_RETURN(std::shared_ptr<const Segment> added,
                   MakeSegment(writes, last, snapshot_->collection));

  auto next = std::make_shared<Snapshot>(*snapshot_);
  Deletion deletion(*next);
  for (const auto& [id, write] : last) {
    ASSIGN_OR_RETURN(const std::optional<Place> old, Find(base::ToStd(id)));
    if (old.has_value()) RETURN_IF_ERROR(deletion.Delete(*old));
  }
  deletion.Finish();
  const size_t dead_files = RemoveSegments(next->segments, disk_segments_, IsDead);
  if (added != nullptr) {
    next->live_documents += added->num_documents();
    next->live_passages += added->num_passages();
    next->segments.push_back({std::move(added), nullptr});
  }
  next->sequence = writes.back().sequence;
  snapshot_ = std::move(next);
  disk_segments_ -= dead_files;
  return absl::OkStatus();
}

absl::Status CollectionHead::Replace(std::span<const LiveSegment> sources,
                                     std::shared_ptr<const Segment> merged, bool to_disk) {
  auto next = std::make_shared<Snapshot>(*snapshot_);
  std::vector<LiveSegment>& segments = next->segments;
  const auto place_of = [&segments](const LiveSegment& source) {
    return std::find_if(segments.begin(), segments.end(), [&source](const LiveSegment& live) {
      return live.segment == source.segment;
    });
  };
  auto deleted = std::make_shared<DocumentSet>();
  size_t first = segments.size();
  for (const LiveSegment& source : sources) {
    const auto now = place_of(source);
    if (now != segments.end()) first = std::min<size_t>(first, now - segments.begin());
    if (merged == nullptr) continue;
    const DocumentSet since = DeletedSince(source, now == segments.end() ? nullptr : &*now);
    RETURN_IF_ERROR(CarryOver(*source.segment, since, *merged, *deleted));
  }
  const size_t files =
      disk_segments_ - RemoveSegments(segments, disk_segments_, [&](const LiveSegment& live) {
        return std::any_of(sources.begin(), sources.end(), [&live](const LiveSegment& source) {
          return source.segment == live.segment;
        });
      });
  const bool alive = merged != nullptr && deleted->cardinality() < merged->num_documents();
  if (alive) {
    const size_t at = to_disk ? files : std::min(first, segments.size());
    LiveSegment live{std::move(merged), deleted->isEmpty() ? nullptr : std::move(deleted)};
    segments.insert(segments.begin() + static_cast<std::ptrdiff_t>(at), std::move(live));
  }
  snapshot_ = std::move(next);
  disk_segments_ = files + (alive && to_disk ? 1 : 0);
  return absl::OkStatus();
}

void CollectionHead::Adopt(const Snapshot& published) {
  auto next = std::make_shared<Snapshot>(*snapshot_);
  next->generation = published.generation;
  next->settings = published.settings;
  next->idf_version = published.idf_version;
  next->statistics = published.statistics;
  snapshot_ = std::move(next);
}

}  // namespace foraker::index
