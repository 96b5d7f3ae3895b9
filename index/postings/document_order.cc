#include "index/postings/document_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "base/float16.h"

namespace foraker::index {
namespace {

constexpr size_t kSignatureTerms = 24;  // a document's heaviest terms stand for it
constexpr size_t kLeafDocuments = 8;
constexpr int kRounds = 4;

struct Feature {
  uint32_t term;
  float weight;
};

// Heaviest terms of every document by weight x idf, scaled to unit length.
struct Signatures {
  std::vector<Feature> features;
  std::vector<uint64_t> begin;  // [documents + 1]

  std::span<const Feature> of(uint32_t document) const {
    return {features.data() + begin[document], features.data() + begin[document + 1]};
  }
};

Signatures MakeSignatures(const VectorStore& vectors) {
  const auto passages = static_cast<double>(vectors.num_passages());
  std::vector<float> idf(vectors.num_terms());
  for (uint32_t t = 0; t < idf.size(); ++t) {
    const uint32_t df = vectors.document_frequency(t);
    // A term of a single passage tells nothing about neighbours.
    idf[t] = df < 2 ? 0.0f : static_cast<float>(std::log(1 + passages / df));
  }
  Signatures out;
  out.begin.reserve(vectors.num_documents() + 1);
  out.begin.push_back(0);
  std::vector<Feature> all;
  for (size_t d = 0; d < vectors.num_documents(); ++d) {
    all.clear();
    for (uint32_t p = vectors.first_passage(d); p < vectors.first_passage(d + 1); ++p) {
      const StoredVector vector = vectors.vector(p);
      for (size_t i = 0; i < vector.terms.size(); ++i) {
        const float weight = base::Float16ToFloat(vector.weights[i]) * idf[vector.terms[i]];
        if (weight > 0) all.push_back({vector.terms[i], weight});
      }
    }
    const size_t kept = std::min(all.size(), kSignatureTerms);
    std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(kept), all.end(),
                      [](const Feature& a, const Feature& b) {
                        return a.weight != b.weight ? a.weight > b.weight : a.term < b.term;
                      });
    double norm = 0;
    for (size_t i = 0; i < kept; ++i) norm += static_cast<double>(all[i].weight) * all[i].weight;
    const auto unit = static_cast<float>(1 / std::sqrt(std::max(norm, 1e-30)));
    for (size_t i = 0; i < kept; ++i) {
      out.features.push_back({all[i].term, all[i].weight * unit});
    }
    out.begin.push_back(out.features.size());
  }
  return out;
}

// Splits a range of documents in two halves along the difference of two centroids (2-means with a
// median split), and both halves again, down to a few documents.
class Bisection {
 public:
  Bisection(const Signatures& signatures, size_t num_terms)
      : signatures_(signatures), direction_(num_terms), projection_(signatures.begin.size() - 1) {}

  void Order(std::span<uint32_t> documents) {
    if (documents.size() <= kLeafDocuments) return;
    Seed(documents);
    const size_t half = documents.size() / 2;
    for (int round = 0; round < kRounds; ++round) {
      for (const uint32_t d : documents) projection_[d] = Project(d);
      std::nth_element(documents.begin(), documents.begin() + static_cast<ptrdiff_t>(half),
                       documents.end(), [this](uint32_t a, uint32_t b) {
                         if (projection_[a] != projection_[b]) {
                           return projection_[a] > projection_[b];
                         }
                         return a < b;
                       });
      if (round + 1 < kRounds) Recentre(documents.first(half), documents.subspan(half));
    }
    // nth_element leaves each half in an order of its own making: sort for the same bytes anywhere.
    std::sort(documents.begin(), documents.begin() + static_cast<ptrdiff_t>(half));
    std::sort(documents.begin() + static_cast<ptrdiff_t>(half), documents.end());
    Clear(documents);
    Order(documents.first(half));
    Order(documents.subspan(half));
  }

 private:
  float Project(uint32_t document) const {
    float sum = 0;
    for (const Feature& f : signatures_.of(document)) sum += f.weight * direction_[f.term];
    return sum;
  }
  void Add(uint32_t document, float factor) {
    for (const Feature& f : signatures_.of(document)) direction_[f.term] += factor * f.weight;
  }
  void Clear(std::span<const uint32_t> documents) {
    for (const uint32_t d : documents) {
      for (const Feature& f : signatures_.of(d)) direction_[f.term] = 0;
    }
  }
  // The two documents that start the halves: the middle one, and the one least like it.
  void Seed(std::span<const uint32_t> documents) {
    const uint32_t first = documents[documents.size() / 2];
    Clear(documents);
    Add(first, 1);
    uint32_t second = documents.front();
    float least = Project(second);
    for (const uint32_t d : documents) {
      const float likeness = Project(d);
      if (likeness < least) {
        least = likeness;
        second = d;
      }
    }
    Add(second, -1);
  }
  void Recentre(std::span<const uint32_t> left, std::span<const uint32_t> right) {
    Clear(left);
    Clear(right);
    for (const uint32_t d : left) Add(d, 1.0f / static_cast<float>(left.size()));
    for (const uint32_t d : right) Add(d, -1.0f / static_cast<float>(right.size()));
  }

  const Signatures& signatures_;
  std::vector<float> direction_;   // [terms], zero outside the current range's terms
  std::vector<float> projection_;  // [documents]
};

}  // namespace

std::vector<uint32_t> ClusteredOrder(const VectorStore& vectors) {
  std::vector<uint32_t> order(vectors.num_documents());
  std::iota(order.begin(), order.end(), 0u);
  const Signatures signatures = MakeSignatures(vectors);
  Bisection(signatures, vectors.num_terms()).Order(order);
  return order;
}

size_t ClusteredOrderBytes(const VectorStore& vectors) {
  return vectors.num_documents() *
             (kSignatureTerms * sizeof(Feature) + sizeof(uint64_t) + 2 * sizeof(uint32_t)) +
         vectors.num_terms() * 2 * sizeof(float);
}

}  // namespace foraker::index
