// Sections in memory instead of a file: what segments that live no longer than the process are made
// of. There are no checksums, because nothing is read from a disk.
//
// MemorySectionWriter: one thread. What OpenSections returns is immutable, safe for concurrent use,
// and frees the sections with its last owner; its file_bytes() is the memory it holds, its path()
// the label. Errors: as SectionFile.

#ifndef FORAKER_INDEX_SEGMENT_MEMORY_SECTIONS_H_
#define FORAKER_INDEX_SEGMENT_MEMORY_SECTIONS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "index/segment/section_file.h"

namespace foraker::index {

using SectionBytes = std::map<SectionId, std::vector<std::byte>>;

class MemorySectionWriter final : public SectionFileWriter {
 public:
  absl::Status Begin(SectionId id) override;
  absl::Status Append(std::span<const std::byte> bytes) override;
  absl::Status Finish() override;

  // What was written; the writer is spent.
  SectionBytes Take() { return std::move(sections_); }

 private:
  SectionBytes sections_;
  std::vector<std::byte>* current_ = nullptr;  // in sections_
};

// `label` stands where errors name a file: "collection 'c' in memory, writes 12 to 40".
std::shared_ptr<const SectionFile> OpenSections(SectionBytes sections, std::string label);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_MEMORY_SECTIONS_H_
