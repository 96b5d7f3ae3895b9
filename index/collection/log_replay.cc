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
  ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                   catalog.ReadLog(collection, head.snapshot()->sequence));
  std::vector<LoggedWrite> chunk;
  size_t bytes = 0;
  for (const LogEntry& entry : entries) {
    absl::StatusOr<LoggedWrite> write = DecodeWrite(entry.payload);
    if (!write.ok()) {
      return base::Annotate(write.status(),
                            absl::StrCat("log of \"", collection, "\", entry ", entry.sequence));
    }
    chunk.push_back(*std::move(write));
    bytes += entry.payload.size();
    if (bytes < kChunkBytes) continue;
    RETURN_IF_ERROR(head.Apply(chunk));
    chunk.clear();
    bytes = 0;
  }
  return head.Apply(chunk);
}

}  // namespace foraker::index
