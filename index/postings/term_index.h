// The term sections of an open segment: look-up of keys, posting lists, exact forward vectors.
// index/postings/layout.h draws their bytes.
//
// Immutable, safe for concurrent use; keeps the file alive. Terms have dense ordinals in ascending
// order of their keys. Arbitrary bytes in the file give kDataLoss, never a crash.

#ifndef FORAKER_INDEX_POSTINGS_TERM_INDEX_H_
#define FORAKER_INDEX_POSTINGS_TERM_INDEX_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/postings/forward_index.h"
#include "index/postings/posting_lists.h"
#include "index/segment/section_file.h"
#include "index/sparse_vector.h"

namespace foraker::index {

using TermOrdinal = uint32_t;

class TermIndex {
 public:
  static absl::StatusOr<std::unique_ptr<const TermIndex>> Open(
      std::shared_ptr<const SectionFile> file);
  virtual ~TermIndex() = default;

  virtual uint32_t num_terms() const = 0;
  virtual uint32_t num_passages() const = 0;
  virtual std::span<const TermKey> keys() const = 0;  // [num_terms], ascending

  virtual absl::StatusOr<std::optional<TermOrdinal>> Find(TermKey key) const = 0;

  // Passages that hold the term, deleted ones included.
  virtual absl::StatusOr<uint32_t> DocumentFrequency(TermOrdinal term) const = 0;

  // Replaces `out` by the passage's exact vector.
  virtual absl::Status Forward(uint32_t passage, SparseVector& out) const = 0;

  // The definition's score of one passage (sparse_vector.h).
  virtual absl::StatusOr<float> Score(uint32_t passage, const QueryVector& query) const = 0;

  // What the engine walks.
  virtual const PostingLists& postings() const = 0;
  virtual const ForwardIndex& forward() const = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_TERM_INDEX_H_
