// The strings of a segment's terms, by ordinal, for people to read.
//
// Strings stand in groups of 32; T = terms, G = ceil(T / 32). Integers are little-endian.
//
//   kTermStrings   u32     T
//                  u32     0
//                  u64[G]  end of each group in the bytes below
//                  u8[]    a group: the lengths of its strings as LEB128 numbers of up to 5 bytes,
//                          then the strings
//
// Lengths instead of offsets cost a byte a term, which counts with millions of terms. A term that
// was never named has length 0. The section is absent when none was.

#ifndef FORAKER_INDEX_SEGMENT_TERM_NAMES_H_
#define FORAKER_INDEX_SEGMENT_TERM_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/section_array.h"
#include "index/segment/section_file.h"
#include "index/term_key.h"

namespace foraker::index {

// One thread.
class TermNamesBuilder {
 public:
  bool Has(TermKey key) const { return places_.contains(key); }
  // The first name of a key stays.
  void Add(TermKey key, std::string_view utf8);
  size_t memory_bytes() const;

  // `keys`: those of the segment, by ordinal; other names are dropped.
  absl::Status Write(std::span<const TermKey> keys, SectionFileWriter& out) const;

 private:
  struct Place {
    uint64_t begin;  // in strings_
    uint32_t length;
  };
  absl::flat_hash_map<TermKey, Place> places_;
  std::string strings_;
};

// Immutable, safe for concurrent use; borrows the file. Errors: kDataLoss.
class TermNames {
 public:
  static absl::StatusOr<TermNames> Open(const SectionFile& file, uint32_t num_terms);

  // Empty when the term was never named; borrowed from the mapping. `term` is below the number of
  // terms.
  absl::StatusOr<std::string_view> Get(uint32_t term) const;

 private:
  bool empty_ = true;  // the segment has no names
  uint32_t num_terms_ = 0;
  SectionArray<uint64_t> group_ends_;  // [G]
  SectionArray<uint8_t> groups_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_TERM_NAMES_H_
