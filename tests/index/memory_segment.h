// Segments in memory, for tests of the engine that make thousands of collections: the real term
// sections (TermIndexBuilder, TermIndex), without files, texts or fields.

#ifndef FORAKER_TESTS_INDEX_MEMORY_SEGMENT_H_
#define FORAKER_TESTS_INDEX_MEMORY_SEGMENT_H_

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "index/segment/section_file.h"
#include "index/segment/segment.h"

namespace foraker::index {

using SectionBytes = std::map<SectionId, std::vector<std::byte>>;

// Collects sections in memory.
class MemorySectionWriter final : public SectionFileWriter {
 public:
  absl::Status Begin(SectionId id) override;
  absl::Status Append(std::span<const std::byte> bytes) override;
  absl::Status Finish() override { return absl::OkStatus(); }

  SectionBytes Take() { return std::move(sections_); }

 private:
  SectionBytes sections_;
  SectionId current_{};
};

// Serves them, without checksums: what decoders must survive alone.
std::shared_ptr<const SectionFile> OpenSections(SectionBytes sections);

struct TestDocument {
  std::string id;
  std::vector<SparseVector> passages;
};

// `clustered`: in TermIndexBuilder's own order, else in order of arrival.
std::shared_ptr<const Segment> MakeSegment(std::span<const TestDocument> documents, bool clustered);

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_MEMORY_SEGMENT_H_
