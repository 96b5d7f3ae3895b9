#include "index/collection/deleted_documents.h"

#include <exception>

#include "base/status.h"

namespace foraker::index {

std::vector<uint8_t> EncodeDeleted(DocumentSet deleted) {
  if (deleted.isEmpty()) return {};
  deleted.runOptimize();
  std::vector<uint8_t> bytes(deleted.getSizeInBytes());
  deleted.write(reinterpret_cast<char*>(bytes.data()));
  return bytes;
}

absl::StatusOr<std::shared_ptr<const DocumentSet>> DecodeDeleted(std::span<const uint8_t> bytes,
                                                                 const Segment& segment) {
  if (bytes.empty()) return nullptr;
  const std::string& path = segment.file().path();
  std::shared_ptr<const DocumentSet> deleted;
  try {
    deleted = std::make_shared<const DocumentSet>(
        DocumentSet::readSafe(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  } catch (const std::exception& error) {
    return absl::DataLossError(
        absl::StrCat(path, ": the catalog's set of deleted documents is corrupt: ", error.what()));
  }
  if (!deleted->isEmpty() && deleted->maximum() >= segment.num_documents()) {
    return absl::DataLossError(absl::StrCat(path, ": the catalog deletes document ",
                                            deleted->maximum(), " of ", segment.num_documents()));
  }
  return deleted;
}

absl::StatusOr<uint64_t> CountLivePassages(const LiveSegment& live) {
  uint64_t passages = live.segment->num_passages();
  if (live.deleted_documents == nullptr) return passages;
  for (const DocId document : *live.deleted_documents) {
    ASSIGN_OR_RETURN(const PassageRange range, live.segment->PassagesOf(document));
    passages -= range.end - range.begin;
  }
  return passages;
}

}  // namespace foraker::index
