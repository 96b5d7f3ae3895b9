// Decides the writes of one commit, one after the other, against the newest state and what was
// decided before: conditions, documents that a segment or the collection's schema refuses, fields
// merged into stored documents, sequence numbers. Nothing is changed; what comes out can be logged
// and applied, and no document in it will be refused any more.
//
// One thread; borrows what it is given. What is wrong with a write stands in its result.

#ifndef FORAKER_INDEX_COLLECTION_WRITE_PLANNER_H_
#define FORAKER_INDEX_COLLECTION_WRITE_PLANNER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "index/collection/collection_head.h"
#include "index/collection/collection_schema.h"
#include "index/collection/write.h"
#include "index/segment/segment_writer.h"

namespace foraker::index {

class WritePlanner {
 public:
  // `empty_segment` says what a segment refuses; `first_sequence` lies above the head's.
  WritePlanner(const CollectionHead& head, CollectionSchema schema,
               const SegmentWriter& empty_segment, uint64_t first_sequence)
      : head_(head),
        schema_(std::move(schema)),
        empty_segment_(empty_segment),
        next_sequence_(first_sequence) {}

  BatchResult Decide(WriteBatch batch);

  const std::vector<LoggedWrite>& writes() const { return writes_; }
  const CollectionSchema& schema() const { return schema_; }
  uint64_t next_sequence() const { return next_sequence_; }

 private:
  // Of the live document, earlier writes of this commit included; nothing when there is none.
  absl::StatusOr<std::optional<uint64_t>> VersionOf(std::string_view id) const;
  absl::StatusOr<PutDocument> Load(std::string_view id) const;

  absl::Status Decide(Write write, WriteResult& result);
  absl::Status Put(PutDocument put, WriteResult& result);
  absl::Status Update(const UpdateFields& update, WriteResult& result);
  void Log(std::string id, std::variant<PutDocument, DeleteDocument> change);

  const CollectionHead& head_;
  CollectionSchema schema_;
  const SegmentWriter& empty_segment_;
  uint64_t next_sequence_;
  std::vector<LoggedWrite> writes_;
  absl::flat_hash_map<std::string, size_t> last_;  // id -> its last write among `writes_`
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_WRITE_PLANNER_H_
