// Bytes of the section container, shared by its writer and its reader. Little-endian.
//
//   0                 header (Header, 64 bytes)
//   64                section 0, zeros up to a multiple of 64
//   ...               section 1, ...
//   checksums_offset  u32[blocks]: CRC32C of each 64 KiB block of each large section, in the order
//                     of the table; zeros up to a multiple of 64
//   table_offset      Record[section_count], in the order of the sections in the file
//   file_length
//
// Every offset follows from the lengths before it, so a reader recomputes the layout and refuses a
// file that says otherwise: sections cannot overlap, and there is one file for given sections.

#ifndef FORAKER_INDEX_SEGMENT_SECTION_LAYOUT_H_
#define FORAKER_INDEX_SEGMENT_SECTION_LAYOUT_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/crc32c.h"

namespace foraker::index::section_layout {

static_assert(std::endian::native == std::endian::little, "files hold integers as the CPU does");

// The first byte is no text, the rest shows what line-end conversion or a cut at ^Z does.
inline constexpr std::array<char, 8> kMagic = {'\x89', 'F', 'R', 'K', '\r', '\n', '\x1a', '\n'};

inline constexpr uint64_t kAlignment = 64;
inline constexpr uint64_t kBlockBytes = 64 << 10;  // unit of verification of a large section
inline constexpr uint32_t kMaxSections = 1024;

struct Header {
  std::array<char, 8> magic;
  uint32_t kind;          // FileKind
  uint32_t version;       // of the kind
  uint64_t file_length;   // bytes
  uint64_t table_offset;  // bytes from the start of the file
  uint64_t checksums_offset;
  uint32_t section_count;
  uint32_t table_crc;  // of all records
  std::array<std::byte, 12> zeros;
  uint32_t header_crc;  // of the 60 bytes before
};
static_assert(sizeof(Header) == 64 && offsetof(Header, header_crc) == 60);

// A reader that does not know the section's id must refuse the file.
inline constexpr uint32_t kRequired = 1;

struct Record {
  uint32_t id;     // SectionId
  uint32_t flags;  // kRequired; other bits are zero
  uint64_t offset;
  uint64_t length;       // bytes, padding not counted
  uint32_t first_block;  // index into the checksums; blocks of the sections before
  uint32_t crc;          // small: of the section; large: of its part of the checksums
};
static_assert(sizeof(Record) == 32);

inline uint32_t HeaderCrc(const Header& header) {
  return base::Crc32c(std::as_bytes(std::span(&header, 1)).first(offsetof(Header, header_crc)));
}

inline constexpr uint64_t AlignUp(uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

inline constexpr bool IsLarge(uint64_t length) { return length >= kBlockBytes; }

inline constexpr uint64_t BlocksOf(uint64_t length) {
  return IsLarge(length) ? (length + kBlockBytes - 1) / kBlockBytes : 0;
}

}  // namespace foraker::index::section_layout

#endif  // FORAKER_INDEX_SEGMENT_SECTION_LAYOUT_H_
