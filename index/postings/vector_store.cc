#include "index/postings/vector_store.h"

#include <algorithm>

namespace foraker::index {
namespace {

// Chunks grow up to the larger one: a store may hold a single document.
constexpr size_t kMinChunkEntries = size_t{1} << 10;
constexpr size_t kMaxChunkEntries = size_t{1} << 18;

}  // namespace

void VectorStore::AddDocument(std::span<const SparseVectorView> passages) {
  for (const SparseVectorView& passage : passages) AddPassage(passage);
  first_passage_.push_back(static_cast<uint32_t>(places_.size()));
}

void VectorStore::AddPassage(const SparseVectorView& vector) {
  const size_t n = vector.keys.size();
  if (chunks_.empty() || chunks_.back().terms.capacity() - chunks_.back().terms.size() < n) {
    Chunk& fresh = chunks_.emplace_back();
    const size_t entries =
        std::max(n, std::clamp<size_t>(entries_, kMinChunkEntries, kMaxChunkEntries));
    fresh.terms.reserve(entries);
    fresh.weights.reserve(entries);
    reserved_ += entries;
  }
  Chunk& chunk = chunks_.back();
  const bool with_positions = !vector.positions.empty();
  places_.push_back({static_cast<uint32_t>(chunks_.size() - 1),
                     static_cast<uint32_t>(chunk.terms.size()), static_cast<uint32_t>(n),
                     with_positions});
  for (size_t i = 0; i < n; ++i) {
    const uint32_t term = LocalTerm(vector.keys[i]);
    ++frequencies_[term];
    max_weights_[term] = std::max(max_weights_[term], base::Float16ToFloat(vector.weights[i]));
    chunk.terms.push_back(term);
  }
  chunk.weights.insert(chunk.weights.end(), vector.weights.begin(), vector.weights.end());
  if (with_positions || !chunk.positions.empty()) {
    chunk.positions.reserve(chunk.terms.capacity());
    chunk.positions.resize(places_.back().begin, kNoPosition);
    chunk.positions.insert(chunk.positions.end(), vector.positions.begin(), vector.positions.end());
    chunk.positions.resize(chunk.terms.size(), kNoPosition);
  }
  has_positions_ |= with_positions;
  entries_ += n;
}

uint32_t VectorStore::LocalTerm(TermKey key) {
  const auto [at, fresh] = local_.try_emplace(key, static_cast<uint32_t>(keys_.size()));
  if (fresh) {
    keys_.push_back(key);
    frequencies_.push_back(0);
    max_weights_.push_back(0);
  }
  return at->second;
}

StoredVector VectorStore::vector(size_t passage) const {
  const Place& place = places_[passage];
  const Chunk& chunk = chunks_[place.chunk];
  StoredVector vector;
  vector.terms = std::span(chunk.terms).subspan(place.begin, place.size);
  vector.weights = std::span(chunk.weights).subspan(place.begin, place.size);
  if (place.has_positions) {
    vector.positions = std::span(chunk.positions).subspan(place.begin, place.size);
  }
  return vector;
}

size_t VectorStore::memory_bytes() const {
  size_t bytes = places_.capacity() * sizeof(Place) + first_passage_.capacity() * sizeof(uint32_t);
  bytes += local_.capacity() * (sizeof(TermKey) + sizeof(uint32_t) + 5);
  bytes += keys_.capacity() * (sizeof(TermKey) + sizeof(uint32_t) + sizeof(float));
  bytes += reserved_ * (sizeof(uint32_t) + sizeof(base::Float16Bits));
  if (has_positions_) bytes += reserved_ * sizeof(Position);
  return bytes;
}

}  // namespace foraker::index
