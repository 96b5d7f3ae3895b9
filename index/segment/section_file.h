// The container every file of the index is made of: named, aligned, checksummed sections.
//
//   header     64 bytes   magic, kind, format version, section count, file length, CRC32C of itself
//   sections              each at a multiple of 64 bytes
//   checksums             CRC32C of every 64 KiB block of every large section
//   table                 id, offset, length, checksum of every section; CRC32C of the table
//
// docs/format.md draws it byte by byte. Small sections (below 64 KiB) and the table are verified
// when the file is opened; blocks of large sections when they are first touched, and all by
// VerifyAll. Opening reads a few pages, whatever the file's size.
//
// SectionFileWriter: one thread; the file appears under its name only in Finish (written beside,
// fsynced, renamed, directory fsynced). Destroyed before Finish it leaves nothing behind.
// SectionFile: immutable, safe for concurrent use, owns the mapping; spans live as long as it does.
// Errors: kDataLoss names file and section ("a.seg: section postings: block 12: checksum ..."),
// kFailedPrecondition for a format version or kind this build does not read, kInternal for I/O.

#ifndef FORAKER_INDEX_SEGMENT_SECTION_FILE_H_
#define FORAKER_INDEX_SEGMENT_SECTION_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace foraker::index {

// Section ids are on disk: numbers are never reused. Names appear in errors and statistics.
enum class SectionId : uint32_t {
  kMeta = 1,            // counts and settings of the segment
  kTermKeys = 2,        // u64[terms], ascending
  kTermInfo = 3,        // one record a term: list location, df, scale
  kPostings = 4,        // windowed runs and plain lists
  kBlockMaxima = 5,     // upper bounds a block of passages
  kForwardOffsets = 6,  // where each passage's vector starts
  kForward = 7,         // exact vectors: ordinals and float16 weights
  kPositions = 8,       // u16 a forward entry; absent when no vector has positions
  kTermStrings = 9,     // the strings of the keys
  kPassages = 10,       // passage -> document and byte range in its text
  kDocuments = 11,      // document ids, versions, id look-up
  kFieldSchema = 12,    // names and types of the columns
  kFieldData = 13,      // the columns
  kTextIndex = 14,      // where each document's text is
  kText = 15,           // zstd blocks of titles and texts
  kTermDf = 16,         // term statistics file: u32[terms] document frequencies
  kCountedTerms = 17,   // what passages count for in document frequencies, where not their vectors
};
// Ids that this build knows are below.
inline constexpr uint32_t kSectionIdLimit = static_cast<uint32_t>(SectionId::kCountedTerms) + 1;

std::string_view SectionName(SectionId id);

enum class FileKind : uint32_t { kSegment = 1, kTermStatistics = 2 };

class SectionFileWriter {
 public:
  static absl::StatusOr<std::unique_ptr<SectionFileWriter>> Create(std::string path, FileKind kind,
                                                                   uint32_t version);
  virtual ~SectionFileWriter() = default;

  // Sections are written one after the other; Append adds to the one begun last.
  virtual absl::Status Begin(SectionId id) = 0;
  virtual absl::Status Append(std::span<const std::byte> bytes) = 0;
  virtual absl::Status Finish() = 0;

  absl::Status AddSection(SectionId id, std::span<const std::byte> bytes);
  template <typename T>
  absl::Status AddArray(SectionId id, std::span<const T> values) {
    return AddSection(id, std::as_bytes(values));
  }
  template <typename T>
  absl::Status AppendArray(std::span<const T> values) {
    return Append(std::as_bytes(values));
  }
};

class SectionFile {
 public:
  struct Info {
    SectionId id;
    uint64_t offset;  // bytes from the start of the file
    uint64_t length;  // bytes
  };

  static absl::StatusOr<std::shared_ptr<const SectionFile>> Open(std::string path, FileKind kind,
                                                                 uint32_t version);
  virtual ~SectionFile() = default;

  virtual const std::string& path() const = 0;
  virtual uint64_t file_bytes() const = 0;
  virtual std::span<const Info> sections() const = 0;
  virtual bool Has(SectionId id) const = 0;

  // The section's bytes, unverified where it is large: call Touch before reading a part.
  // kDataLoss when the file lacks it.
  virtual absl::StatusOr<std::span<const std::byte>> Get(SectionId id) const = 0;

  // Verifies the blocks that cover [offset, offset + length) of the section, each once in the life
  // of the file; later calls cost a few loads of a bitmap. kDataLoss when a block is corrupt or the
  // range leaves the section.
  virtual absl::Status Touch(SectionId id, uint64_t offset, uint64_t length) const = 0;

  // Reads and checks every byte; independent of what was touched before.
  virtual absl::Status VerifyAll() const = 0;

  // Get as an array of T; kDataLoss when the length is no multiple of sizeof(T).
  template <typename T>
  absl::StatusOr<std::span<const T>> GetArray(SectionId id) const {
    absl::StatusOr<std::span<const std::byte>> bytes = Get(id);
    if (!bytes.ok()) return bytes.status();
    if (bytes->size() % sizeof(T) != 0) return OddLength(id, sizeof(T));
    return std::span<const T>(reinterpret_cast<const T*>(bytes->data()), bytes->size() / sizeof(T));
  }

 private:
  absl::Status OddLength(SectionId id, size_t element_bytes) const;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_SECTION_FILE_H_
