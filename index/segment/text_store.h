// Titles and texts of a segment's documents, in zstd blocks.
//
// Documents are packed into blocks in their order of arrival, so that ordering a segment's
// documents never moves text; a block is closed once it holds 4 KiB. Reading one document
// decompresses its block: 8 us, where blocks of 32 KiB took 33 and were a ninth smaller.
// B = blocks, D = documents. Integers are little-endian.
//
//   kText        one zstd frame a block, each of whole documents:
//                  u32   title bytes
//                  u32   text bytes
//                  u8[]  title, then text
//   kTextIndex   u32     B
//                u32     0
//                u64[B]  end of each block in kText
//                u32[B]  bytes of each block, decompressed
//                u32[D]  block of each document
//                u32[D]  where it begins in the decompressed block
//
// Both are absent when no document has a title or a text.

#ifndef FORAKER_INDEX_SEGMENT_TEXT_STORE_H_
#define FORAKER_INDEX_SEGMENT_TEXT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/file.h"
#include "index/segment/document.h"
#include "index/segment/section_array.h"
#include "index/segment/section_file.h"
#include "index/segment/segment.h"

namespace foraker::index {

inline constexpr size_t kTextBlockBytes = 4 << 10;
inline constexpr size_t kMaxTextBytes = 64 << 20;  // title and text of one document

// Compresses texts as they come. One thread.
class TextStoreBuilder {
 public:
  // Spools them to a nameless temporary file.
  static absl::StatusOr<std::unique_ptr<TextStoreBuilder>> Create(const std::string& directory);
  static std::unique_ptr<TextStoreBuilder> CreateInMemory();
  ~TextStoreBuilder();

  // kInvalidArgument when title and text are longer than kMaxTextBytes.
  absl::Status Check(const Document& document) const;
  absl::Status Add(const Document& document);
  size_t memory_bytes() const;  // held now, plus what Write needs

  // `order`: new ordinal -> order of arrival.
  absl::Status Write(std::span<const uint32_t> order, SectionFileWriter& out);

 private:
  struct Place {
    uint32_t block;
    uint32_t offset;  // in the decompressed block
  };
  class Compressor;

  TextStoreBuilder(std::unique_ptr<base::SpoolFile> spool, std::unique_ptr<Compressor> compressor);
  absl::Status CloseBlock();
  absl::Status CopySpool(SectionFileWriter& out) const;
  absl::Status WriteIndex(std::span<const uint32_t> order, SectionFileWriter& out) const;

  // Compressed blocks: in the file, or without one in the string.
  std::unique_ptr<base::SpoolFile> spool_;
  std::string in_memory_;
  std::unique_ptr<Compressor> compressor_;  // null: the thread's own
  std::string open_block_;
  std::vector<uint64_t> block_ends_;   // in the compressed blocks
  std::vector<uint32_t> block_bytes_;  // decompressed
  std::vector<Place> places_;          // by order of arrival
  bool has_text_ = false;
};

// Immutable, safe for concurrent use; borrows the file. Errors: kDataLoss.
class TextStore {
 public:
  static absl::StatusOr<TextStore> Open(const SectionFile& file, uint32_t num_documents);

  // `document` is below the number of documents.
  absl::StatusOr<TitleAndText> Load(DocId document) const;

  // All documents in the order in which their texts lie.
  absl::StatusOr<std::vector<DocId>> Order() const;

  // Decompresses every block; calls `visit(document, bytes of its text)` in order of the blocks.
  absl::Status Verify(const std::function<absl::Status(DocId, uint64_t)>& visit) const;

 private:
  friend class TextReader;

  struct Record {
    std::string_view title;
    std::string_view text;
  };
  absl::StatusOr<std::string> Decompress(uint32_t block) const;
  absl::StatusOr<Record> Parse(std::string_view block, uint32_t offset) const;

  const SectionFile* file_ = nullptr;
  uint32_t num_documents_ = 0;
  bool empty_ = true;                       // the segment has no texts
  SectionArray<uint64_t> block_ends_;       // [B]
  SectionArray<uint32_t> block_bytes_;      // [B]
  SectionArray<uint32_t> document_block_;   // [D]
  SectionArray<uint32_t> document_offset_;  // [D]
  SectionArray<char> blocks_;               // kText
};

// Reads one document after the other and keeps the block that it read last: in TextStore::Order
// each is decompressed once. One thread; borrows the store.
class TextReader {
 public:
  explicit TextReader(const TextStore& store) : store_(&store) {}

  absl::StatusOr<TitleAndText> Load(DocId document);

 private:
  const TextStore* store_;
  std::optional<uint32_t> block_;  // whose bytes are held
  std::string bytes_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_TEXT_STORE_H_
