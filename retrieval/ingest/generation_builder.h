// Puts a generation together: the segments there are, new ones behind them, older copies of ids
// deleted, term statistics, one publish. Batch builds and attaching end here.
//
// One thread, which owns the catalog. Nothing is visible before Publish has succeeded.

#ifndef FORAKER_RETRIEVAL_INGEST_GENERATION_BUILDER_H_
#define FORAKER_RETRIEVAL_INGEST_GENERATION_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store/catalog.h"

namespace foraker::retrieval {

class GenerationBuilder {
 public:
  // Starts from the collection's newest generation, or from nothing when there is none.
  // kFailedPrecondition while its log is not empty: a generation holds everything written before.
  static absl::StatusOr<GenerationBuilder> Start(index::Catalog& catalog,
                                                 std::string_view collection);

  // The record to be published; settings and sequence are the caller's to set.
  index::CollectionRecord& record() { return record_; }
  const std::vector<index::LiveSegment>& segments() const { return segments_; }

  // Adds a segment file, which lies in any directory, under the next number. `deleted` (may be
  // null) are documents of it that are not to live.
  absl::Status AddSegment(const std::string& path,
                          std::shared_ptr<const index::DocumentSet> deleted);

  struct Totals {
    uint64_t replaced = 0;       // documents, by later copies
    uint64_t new_documents = 0;  // live ones of the segments that were added
    uint64_t new_passages = 0;
    uint64_t new_bytes = 0;  // of the files that were added
  };
  // Deletes older copies, gives the files their names in the collection's folder and, when asked,
  // writes term statistics. The record is complete afterwards.
  absl::StatusOr<Totals> Complete(bool with_statistics, size_t memory_bytes);

  absl::Status Publish() { return catalog_->Publish(record_); }

 private:
  GenerationBuilder(index::Catalog& catalog, index::CollectionRecord record)
      : catalog_(&catalog), record_(std::move(record)) {}

  // Names the files of segments that hold live documents in the record, and drops the others.
  absl::StatusOr<Totals> NameSegments();

  index::Catalog* catalog_;
  index::CollectionRecord record_;
  std::vector<index::LiveSegment> segments_;
  std::vector<std::string> paths_;  // of each; empty: it lies in the collection's folder already
  std::vector<std::string> files_;  // its name there
  size_t num_published_ = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_GENERATION_BUILDER_H_
