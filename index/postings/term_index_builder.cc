#include "index/postings/term_index_builder.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/status/statusor.h"
#include "base/status.h"
#include "index/postings/document_order.h"
#include "index/postings/forward_index.h"
#include "index/postings/impact.h"
#include "index/postings/postings_writer.h"
#include "index/postings/vector_store.h"

namespace foraker::index {
namespace {

// Postings are inverted a slice of terms at a time, a pass over the vectors each: 5 bytes a
// posting.
constexpr uint64_t kSlicePostings = uint64_t{32} << 20;
constexpr size_t kFlushBytes = size_t{4} << 20;

// Local terms by ordinal, and back.
struct TermOrder {
  std::vector<uint32_t> local;    // [terms] ordinal -> local
  std::vector<uint32_t> ordinal;  // [terms] local -> ordinal
};

TermOrder SortTerms(const VectorStore& vectors) {
  TermOrder terms{std::vector<uint32_t>(vectors.num_terms()),
                  std::vector<uint32_t>(vectors.num_terms())};
  std::iota(terms.local.begin(), terms.local.end(), 0u);
  std::sort(terms.local.begin(), terms.local.end(),
            [&](uint32_t a, uint32_t b) { return vectors.key(a) < vectors.key(b); });
  for (uint32_t i = 0; i < terms.local.size(); ++i) terms.ordinal[terms.local[i]] = i;
  return terms;
}

// new passage -> passage of arrival
std::vector<uint32_t> PassageOrder(const VectorStore& vectors, std::span<const uint32_t> order) {
  std::vector<uint32_t> passages;
  passages.reserve(vectors.num_passages());
  for (const uint32_t document : order) {
    for (uint32_t p = vectors.first_passage(document); p < vectors.first_passage(document + 1);
         ++p) {
      passages.push_back(p);
    }
  }
  return passages;
}

// Inverts the vectors for ordinals [begin, end) and adds their lists.
absl::Status WriteSlice(const VectorStore& vectors, std::span<const uint32_t> passages,
                        const TermOrder& terms, uint32_t begin, uint32_t end,
                        PostingsWriter& writer) {
  std::vector<uint64_t> start(end - begin + 1);
  std::vector<float> scales(end - begin);
  for (uint32_t t = begin; t < end; ++t) {
    start[t - begin + 1] = start[t - begin] + vectors.document_frequency(terms.local[t]);
    scales[t - begin] = ImpactScale(vectors.max_weight(terms.local[t]));
  }
  std::vector<uint32_t> ids(start.back());
  std::vector<Impact> impacts(start.back());
  std::vector<uint64_t> next(start.begin(), start.end() - 1);
  for (uint32_t p = 0; p < passages.size(); ++p) {
    const StoredVector vector = vectors.vector(passages[p]);
    for (size_t i = 0; i < vector.terms.size(); ++i) {
      const uint32_t slot = terms.ordinal[vector.terms[i]] - begin;
      if (slot >= end - begin) continue;  // below `begin` wraps around to a large number
      const uint64_t at = next[slot]++;
      ids[at] = p;
      impacts[at] = QuantizeUp(base::Float16ToFloat(vector.weights[i]), scales[slot]);
    }
  }
  for (uint32_t slot = 0; slot < end - begin; ++slot) {
    const size_t df = start[slot + 1] - start[slot];
    RETURN_IF_ERROR(writer.Add(std::span(ids).subspan(start[slot], df),
                               std::span(impacts).subspan(start[slot], df), scales[slot]));
  }
  return absl::OkStatus();
}

absl::Status WritePostings(const VectorStore& vectors, std::span<const uint32_t> passages,
                           const TermOrder& terms, SectionFileWriter& out) {
  ASSIGN_OR_RETURN(PostingsWriter writer,
                   PostingsWriter::Create(static_cast<uint32_t>(passages.size()), out));
  const auto num_terms = static_cast<uint32_t>(terms.local.size());
  for (uint32_t begin = 0; begin < num_terms;) {
    uint32_t end = begin;
    uint64_t postings = 0;
    do {
      postings += vectors.document_frequency(terms.local[end++]);
    } while (end < num_terms &&
             postings + vectors.document_frequency(terms.local[end]) <= kSlicePostings);
    RETURN_IF_ERROR(WriteSlice(vectors, passages, terms, begin, end, writer));
    begin = end;
  }
  return writer.Finish();
}

absl::Status WriteForward(const VectorStore& vectors, std::span<const uint32_t> passages,
                          const TermOrder& terms, SectionFileWriter& out) {
  ForwardEncoder encoder(static_cast<uint32_t>(terms.local.size()), vectors.has_positions());
  std::vector<uint64_t> offsets = {0};
  offsets.reserve(passages.size() + 1);
  std::vector<std::byte> pending;
  std::vector<uint32_t> ordinals;
  uint64_t flushed = 0;
  RETURN_IF_ERROR(out.Begin(SectionId::kForward));
  for (const uint32_t passage : passages) {
    const StoredVector vector = vectors.vector(passage);
    ordinals.resize(vector.terms.size());
    std::transform(vector.terms.begin(), vector.terms.end(), ordinals.begin(),
                   [&](uint32_t local) { return terms.ordinal[local]; });
    encoder.Append(ordinals, vector.weights, pending);
    offsets.push_back(flushed + pending.size());
    if (pending.size() >= kFlushBytes) {
      RETURN_IF_ERROR(out.Append(pending));
      flushed += pending.size();
      pending.clear();
    }
  }
  pending.resize(pending.size() + kForwardTailBytes);
  RETURN_IF_ERROR(out.Append(pending));
  return out.AddArray(SectionId::kForwardOffsets, std::span<const uint64_t>(offsets));
}

absl::Status WritePositions(const VectorStore& vectors, std::span<const uint32_t> passages,
                            SectionFileWriter& out) {
  RETURN_IF_ERROR(out.Begin(SectionId::kPositions));
  std::vector<Position> pending;
  for (const uint32_t passage : passages) {
    const StoredVector vector = vectors.vector(passage);
    if (vector.positions.empty()) {
      pending.resize(pending.size() + vector.terms.size(), kNoPosition);
    } else {
      pending.insert(pending.end(), vector.positions.begin(), vector.positions.end());
    }
    if (pending.size() * sizeof(Position) >= kFlushBytes) {
      RETURN_IF_ERROR(out.AppendArray(std::span<const Position>(pending)));
      pending.clear();
    }
  }
  return out.AppendArray(std::span<const Position>(pending));
}

}  // namespace

struct TermIndexBuilder::State {
  VectorStore vectors;
};

TermIndexBuilder::TermIndexBuilder() : state_(std::make_unique<State>()) {}
TermIndexBuilder::~TermIndexBuilder() = default;

void TermIndexBuilder::AddDocument(std::span<const SparseVectorView> passages) {
  state_->vectors.AddDocument(passages);
}

size_t TermIndexBuilder::num_documents() const { return state_->vectors.num_documents(); }
size_t TermIndexBuilder::num_passages() const { return state_->vectors.num_passages(); }

size_t TermIndexBuilder::memory_bytes() const {
  const VectorStore& vectors = state_->vectors;
  // A slice of inverted postings, and the rows of block maxima: under a byte a posting.
  const uint64_t slice = std::min<uint64_t>(vectors.num_entries(), kSlicePostings);
  const uint64_t writing =
      slice * 5 + vectors.num_entries() + vectors.num_terms() * 32 + vectors.num_passages() * 12;
  return vectors.memory_bytes() + std::max<uint64_t>(writing, ClusteredOrderBytes(vectors));
}

std::vector<TermKey> TermIndexBuilder::Keys() const {
  const VectorStore& vectors = state_->vectors;
  std::vector<TermKey> keys(vectors.num_terms());
  for (uint32_t term = 0; term < keys.size(); ++term) keys[term] = vectors.key(term);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<uint32_t> TermIndexBuilder::DocumentOrder() const {
  return ClusteredOrder(state_->vectors);
}

absl::Status TermIndexBuilder::Write(std::span<const uint32_t> order, SectionFileWriter& out) {
  const VectorStore& vectors = state_->vectors;
  const TermOrder terms = SortTerms(vectors);
  const std::vector<uint32_t> passages = PassageOrder(vectors, order);

  const std::vector<TermKey> keys = Keys();
  RETURN_IF_ERROR(out.AddArray(SectionId::kTermKeys, std::span<const TermKey>(keys)));
  RETURN_IF_ERROR(WritePostings(vectors, passages, terms, out));
  RETURN_IF_ERROR(WriteForward(vectors, passages, terms, out));
  if (vectors.has_positions()) RETURN_IF_ERROR(WritePositions(vectors, passages, out));
  state_ = std::make_unique<State>();
  return absl::OkStatus();
}

}  // namespace foraker::index
