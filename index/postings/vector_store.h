// The vectors of one segment under construction, in order of arrival, with keys replaced by local
// term ids (numbered by first appearance). In chunks: growing never copies.

#ifndef FORAKER_INDEX_POSTINGS_VECTOR_STORE_H_
#define FORAKER_INDEX_POSTINGS_VECTOR_STORE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "index/sparse_vector.h"

namespace foraker::index {

struct StoredVector {
  std::span<const uint32_t> terms;  // local ids, in ascending order of their keys
  std::span<const base::Float16Bits> weights;
  std::span<const Position> positions;  // empty, or as long as `terms`
};

class VectorStore {
 public:
  void AddDocument(std::span<const SparseVectorView> passages);

  size_t num_documents() const { return first_passage_.size() - 1; }
  size_t num_passages() const { return places_.size(); }
  size_t num_terms() const { return keys_.size(); }
  uint64_t num_entries() const { return entries_; }
  bool has_positions() const { return has_positions_; }
  size_t memory_bytes() const;

  uint32_t first_passage(size_t document) const { return first_passage_[document]; }
  StoredVector vector(size_t passage) const;

  // A local term's key, number of passages and largest weight.
  TermKey key(uint32_t term) const { return keys_[term]; }
  uint32_t document_frequency(uint32_t term) const { return frequencies_[term]; }
  float max_weight(uint32_t term) const { return max_weights_[term]; }

 private:
  struct Chunk {
    std::vector<uint32_t> terms;
    std::vector<base::Float16Bits> weights;
    std::vector<Position> positions;  // empty, or one an entry
  };
  struct Place {
    uint32_t chunk;
    uint32_t begin;
    uint32_t size;
    bool has_positions;
  };

  void AddPassage(const SparseVectorView& vector);
  uint32_t LocalTerm(TermKey key);

  std::vector<Chunk> chunks_;
  std::vector<Place> places_;
  std::vector<uint32_t> first_passage_ = {0};  // [documents + 1]
  uint64_t entries_ = 0;
  uint64_t reserved_ = 0;  // entries that the chunks have room for
  bool has_positions_ = false;
  absl::flat_hash_map<TermKey, uint32_t> local_;
  std::vector<TermKey> keys_;          // [local terms]
  std::vector<uint32_t> frequencies_;  // [local terms]
  std::vector<float> max_weights_;     // [local terms]
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_VECTOR_STORE_H_
