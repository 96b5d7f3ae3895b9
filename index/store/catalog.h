// The catalog of a data directory: which collections there are, of which files each generation
// consists, aliases, and named snapshots. RocksDB holds the records; segments and statistics are
// files beside it.
//
//   DIR/FORMAT                        "foraker data 1\n"
//   DIR/LOCK                          held by the process that writes; says which
//   DIR/catalog/                      RocksDB
//   DIR/ACKNOWLEDGED                  how far it was durable (acknowledged_mark.h)
//   DIR/collections/NAME/SEQ.seg      segments (SEQ: 8 digits, one counter a collection)
//   DIR/collections/NAME/SEQ.idf      term statistics
//   DIR/collections/NAME/build/       a batch build under way (retrieval/ingest)
//   DIR/collections/NAME/rebuild/     a rebuild under way (retrieval/rebuild.h)
//   DIR/encoders/                     what queries need of encoders (retrieval/encoder_store.h)
//   DIR/snapshots/NAME/SNAPSHOT/      hard links of a named snapshot's files, and its record
//
// Opened for writing by one process at a time (kFailedPrecondition tells which operation holds
// it), for reading by any number beside it: readers follow the writer with Refresh. A publish is
// one atomic, synced RocksDB batch; files it no longer names are removed afterwards, and by the
// next writer after a crash. Files are fsynced before they are named.
//
// Thread-safe. Snapshots that were handed out stay readable whatever is published.

#ifndef FORAKER_INDEX_STORE_CATALOG_H_
#define FORAKER_INDEX_STORE_CATALOG_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/collection/snapshot.h"

namespace foraker::index {

enum class OpenMode { kRead, kWrite };

struct SegmentRecord {
  std::string file;                        // name inside the collection's folder
  std::vector<uint8_t> deleted_documents;  // portable roaring bytes; empty: none
  uint64_t live_documents = 0;
  uint64_t live_passages = 0;
};

// One generation of a collection, as published.
struct CollectionRecord {
  std::string name;
  uint64_t generation = 0;
  uint64_t sequence = 0;   // last write
  uint64_t next_file = 1;  // next SEQ
  std::string settings;    // opaque
  std::vector<SegmentRecord> segments;
  std::string statistics_file;  // empty: none yet
  uint64_t idf_version = 0;
};

struct CollectionInfo {
  CollectionRecord record;
  std::vector<std::string> aliases;
  std::vector<std::string> snapshots;
  uint64_t bytes = 0;  // of the generation's files
};

// An acknowledged write that no published segment holds yet. `payload` is opaque to the catalog
// (index/store/write_record.h).
struct LogEntry {
  uint64_t sequence = 0;
  std::string payload;
};

// A batch that a client may send again, and what came of it (opaque).
struct RememberedRequest {
  std::string id;
  uint64_t hash = 0;
  absl::Time time;
  std::string outcome;
};

// What Verify found of one file.
struct FileCheck {
  std::string file;  // path below the data directory
  uint64_t bytes = 0;
  absl::Status status;
};

class Catalog {
 public:
  // kNotFound when `dir` is no data directory and mode is kRead; kWrite creates it.
  static absl::StatusOr<std::unique_ptr<Catalog>> Open(std::string dir, OpenMode mode);
  virtual ~Catalog() = default;

  virtual const std::string& dir() const = 0;
  virtual std::string CollectionDir(std::string_view name) const = 0;

  // Readers: picks up what was published since. Writers: no effect.
  virtual absl::Status Refresh() = 0;

  virtual absl::StatusOr<std::vector<CollectionInfo>> List() const = 0;
  virtual absl::StatusOr<CollectionInfo> Get(std::string_view name_or_alias) const = 0;
  // The collection's own name. Never waits for what is being published.
  virtual absl::StatusOr<std::string> Resolve(std::string_view name_or_alias) const = 0;

  // The newest published generation, its files opened (and kept open between calls).
  virtual absl::StatusOr<std::shared_ptr<const Snapshot>> Current(
      std::string_view name_or_alias) = 0;

  // A named, durable snapshot, read only.
  virtual absl::StatusOr<std::shared_ptr<const Snapshot>> Named(std::string_view collection,
                                                                std::string_view snapshot) = 0;

  // Reads every byte of every file of the newest generation. The status is not OK only when there
  // is no such collection; what is wrong with a file stands in its check.
  virtual absl::StatusOr<std::vector<FileCheck>> Verify(std::string_view name_or_alias) = 0;

  // --- the log of a collection: writes behind the sequence number of its newest generation ---
  // Entries above `after`, ascending, until their payloads exceed `max_bytes`: one at least, if
  // there is one. Of a reader: as of the last Refresh, like the records, so that log and generation
  // fit.
  virtual absl::StatusOr<std::vector<LogEntry>> ReadLog(std::string_view collection, uint64_t after,
                                                        size_t max_bytes) const = 0;
  absl::StatusOr<std::vector<LogEntry>> ReadLog(std::string_view collection, uint64_t after) const {
    return ReadLog(collection, after, SIZE_MAX);
  }
  virtual absl::StatusOr<std::vector<RememberedRequest>> ReadRequests(
      std::string_view collection) const = 0;
  // Adds entries and requests and forgets others, atomically; on the disk when it returns with
  // `sync`. Writers only. kUnavailable (kResourceExhausted: the disk is full) when it failed: then
  // nothing was added, though a crash before the next call may bring it back; the next call opens
  // the database again, takes back what is left, and goes on. One call a collection at a time;
  // calls for several are synced together.
  virtual absl::Status AppendLog(std::string_view collection, const std::vector<LogEntry>& entries,
                                 const std::vector<RememberedRequest>& requests,
                                 const std::vector<std::string>& forgotten_requests, bool sync) = 0;

  // --- writers only, each atomic ---
  // Publishes `record` (generation one above the current, or 1 for a new collection) and removes
  // the log up to record.sequence. Every file it names must exist. kAborted when another generation
  // was published in between. When it fails as AppendLog may, nothing was published, but a crash
  // before the next publish may bring the record back: its files must stay; that publish removes
  // them.
  virtual absl::Status Publish(const CollectionRecord& record) = 0;
  virtual absl::Status Drop(std::string_view collection) = 0;
  // An alias may be moved; it may not have a collection's name.
  virtual absl::Status SetAlias(std::string_view alias, std::string_view collection) = 0;
  virtual absl::Status RemoveAlias(std::string_view alias) = 0;
  virtual absl::Status CreateSnapshot(std::string_view collection, std::string_view snapshot) = 0;
  virtual absl::Status DropSnapshot(std::string_view collection, std::string_view snapshot) = 0;
  // Makes the snapshot the collection's next generation (or a new collection `as`).
  virtual absl::Status RestoreSnapshot(std::string_view collection, std::string_view snapshot,
                                       std::string_view as) = 0;
  // Makes a new collection `as` of the directory of a named snapshot, of this data directory or
  // another (a backup). kInvalidArgument when it is none, kDataLoss when a file of it is corrupt.
  virtual absl::Status ImportSnapshot(const std::string& snapshot_dir, std::string_view as) = 0;
};

// Names of collections, aliases and snapshots: 1-128 of [a-z0-9._-], not starting with a dot.
absl::Status ValidateName(std::string_view kind, std::string_view name);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_CATALOG_H_
