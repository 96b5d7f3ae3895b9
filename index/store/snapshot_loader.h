// Opens the files of a published generation, and keeps them open for the next one.
//
// A generation shares most of its files with the one before, so Load opens only what is new. A file
// counts as the same when name, inode, size and time agree: names start over when a collection is
// dropped and made again. One thread at a time; snapshots outlive the loader.

#ifndef FORAKER_INDEX_STORE_SNAPSHOT_LOADER_H_
#define FORAKER_INDEX_STORE_SNAPSHOT_LOADER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/snapshot.h"
#include "index/store/catalog.h"

namespace foraker::index {

class SnapshotLoader {
 public:
  // kDataLoss, naming the file, when it is corrupt or the record does not fit it.
  absl::StatusOr<std::shared_ptr<const Snapshot>> Load(const std::string& directory,
                                                       const CollectionRecord& record);

 private:
  // What tells a file from another one of its name.
  struct Identity {
    uint64_t device, inode, bytes, nanoseconds;
    friend bool operator==(const Identity&, const Identity&) = default;
  };
  template <typename File>
  struct OpenFile {
    Identity identity;
    std::shared_ptr<const File> file;
  };
  template <typename File>
  using OpenFiles = std::map<std::string, OpenFile<File>>;

  static absl::StatusOr<Identity> Identify(const std::string& path);
  // Opens `name`, or takes it from `before`; puts it into `now`.
  template <typename File>
  absl::StatusOr<std::shared_ptr<const File>> OpenOnce(const std::string& directory,
                                                       const std::string& name,
                                                       const OpenFiles<File>& before,
                                                       OpenFiles<File>& now);

  OpenFiles<Segment> segments_;
  OpenFiles<TermStatistics> statistics_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_SNAPSHOT_LOADER_H_
