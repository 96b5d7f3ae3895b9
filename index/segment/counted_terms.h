// Counted terms of passages: which terms of one namespace a passage counts for in document
// frequencies, where that is not what its vector holds (a vector of learned weights also has terms
// that the text does not). Kept by passage, so that deleted ones can be taken off again.
//
// P = passages, K = distinct counted terms, G = ceil(P / 16) groups. Integers are little-endian.
//
//   kCountedTerms   u32     namespace (TermNamespace)
//                   u32     K
//                   u64[K]  keys, ascending, all of the namespace
//                   u64[G]  end of each group of passages in the bytes below
//                   u32[K]  passages that count the term, above 0
//                   u8[]    a passage: LEB128 numbers: how many terms, the first one's place among
//                           the keys, then the distance to each next one less 1
//
// The section is absent when documents have no counted namespace: then the vectors count.

#ifndef FORAKER_INDEX_SEGMENT_COUNTED_TERMS_H_
#define FORAKER_INDEX_SEGMENT_COUNTED_TERMS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/segment/section_array.h"
#include "index/segment/section_file.h"

namespace foraker::index {

// One thread.
class CountedTermsBuilder {
 public:
  // kInvalidArgument: a namespace other than that of the documents before (none is one, too), keys
  // outside it or out of order.
  absl::Status Check(const Document& document) const;
  // Adds a document that has passed Check.
  void Add(const Document& document);
  size_t memory_bytes() const;  // held now, plus what Write needs

  // `order`: new ordinal -> order of arrival.
  absl::Status Write(std::span<const uint32_t> order, SectionFileWriter& out) const;

 private:
  // new passage -> passage of arrival
  std::vector<uint32_t> PassageOrder(std::span<const uint32_t> documents) const;
  // Appends a passage's list. `place`: local number -> place among the keys.
  void AppendList(uint32_t passage, std::span<const uint32_t> place, std::string& out) const;

  bool any_documents_ = false;
  std::optional<TermNamespace> counted_;
  absl::flat_hash_map<TermKey, uint32_t> local_;  // key -> number by first appearance
  std::vector<TermKey> keys_;                     // [K] by local number
  std::vector<uint32_t> frequencies_;             // [K] by local number
  std::deque<uint32_t> terms_;                    // local numbers, passage by passage
  std::vector<uint64_t> term_ends_;               // [P] into terms_
  std::vector<uint32_t> passage_ends_;            // [D]
};

// Immutable, safe for concurrent use; borrows the file. Errors: kDataLoss.
class CountedTerms {
 public:
  // Nothing when the segment has none.
  static absl::StatusOr<std::optional<CountedTerms>> Open(const SectionFile& file,
                                                          uint32_t num_passages);

  TermNamespace counted_namespace() const { return namespace_; }
  absl::StatusOr<std::span<const TermKey>> Keys() const { return keys_.All(); }  // ascending
  // Passages that count keys[term], deleted ones included.
  absl::StatusOr<uint32_t> Frequency(uint32_t term) const { return frequencies_.At(term); }
  // Replaces `terms` by those of the passage, as ascending places among the keys.
  absl::Status Load(PassageId passage, std::vector<uint32_t>& terms) const;

  // That keys ascend in their namespace, every list is whole, and the frequencies count the lists.
  absl::Status Verify() const;

 private:
  // Takes a list off the front of `bytes`; `terms` may be null, to skip it.
  absl::Status TakeList(std::span<const uint8_t>& bytes, std::vector<uint32_t>* terms) const;

  const SectionFile* file_ = nullptr;
  uint32_t num_passages_ = 0;
  TermNamespace namespace_{};
  SectionArray<TermKey> keys_;          // [K]
  SectionArray<uint64_t> group_ends_;   // [G]
  SectionArray<uint32_t> frequencies_;  // [K]
  SectionArray<uint8_t> lists_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_COUNTED_TERMS_H_
