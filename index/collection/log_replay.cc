#include "index/collection/log_replay.h"

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "index/store/write_record.h"

namespace foraker::index {
namespace {

constexpr size_t kChunkBytes = size_t{8} << 20;  // of entries that become one memory segment

}  // namespace

absl::Status ReplayLog(const Catalog& catalog, CollectionHead& head) {
  const std::string& collection = head.snapshot()->collection;
  uint64_t after = head.snapshot()->sequence;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                     catalog.ReadLog(collection, after, kChunkBytes));
    if (entries.empty()) return absl::OkStatus();
    std::vector<LoggedWrite> writes;
    writes.reserve(entries.size());
    for (const LogEntry& entry : entries) {
      absl::StatusOr<LoggedWrite> write = DecodeWrite(entry.payload);
      if (!write.ok()) {
        return base::Annotate(write.status(),
                              absl::StrCat("log of \"", collection, "\", entry ", entry.sequence));
      }
      writes.push_back(*std::move(write));
    }
    RETURN_IF_ERROR(head.Apply(writes));
    after = entries.back().sequence;
  }
}

}  // namespace foraker::index
