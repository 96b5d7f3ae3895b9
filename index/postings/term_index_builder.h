// Collects the sparse vectors of one segment and writes its term sections: keys, term records,
// postings, block maxima, forward vectors, positions. Also decides the order of documents inside
// the segment: similar documents side by side make block maxima tight.
//
// One thread. Everything is kept in memory until Write: about 8 bytes a vector entry (memory_bytes
// tells, so that the caller can cut a segment before its budget is spent).

#ifndef FORAKER_INDEX_POSTINGS_TERM_INDEX_BUILDER_H_
#define FORAKER_INDEX_POSTINGS_TERM_INDEX_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "index/segment/section_file.h"
#include "index/sparse_vector.h"

namespace foraker::index {

class TermIndexBuilder {
 public:
  TermIndexBuilder();
  ~TermIndexBuilder();
  TermIndexBuilder(const TermIndexBuilder&) = delete;
  TermIndexBuilder& operator=(const TermIndexBuilder&) = delete;

  // Adds one document: its passages' vectors, already valid (index::Validate). A document without
  // passages and a passage without terms are both fine.
  void AddDocument(std::span<const SparseVectorView> passages);

  size_t num_documents() const;
  size_t num_passages() const;
  size_t memory_bytes() const;  // held now, plus what Write will need on top

  // The distinct keys, ascending: a term's ordinal is its place here.
  std::vector<TermKey> Keys() const;

  // new ordinal -> order of arrival. A deterministic function of the vectors alone.
  std::vector<uint32_t> DocumentOrder() const;

  // Writes the term sections with documents in `order` (a permutation); the builder is spent.
  absl::Status Write(std::span<const uint32_t> order, SectionFileWriter& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_TERM_INDEX_BUILDER_H_
