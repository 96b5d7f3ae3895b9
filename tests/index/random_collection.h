// Random collections and queries for the engine's property tests: sizes around the edges of blocks
// and windows, weights that tie, weights at both ends of their range, terms in every document.

#ifndef FORAKER_TESTS_INDEX_RANDOM_COLLECTION_H_
#define FORAKER_TESTS_INDEX_RANDOM_COLLECTION_H_

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "index/collection/snapshot.h"
#include "memory_segment.h"

namespace foraker::index {

using Random = std::mt19937_64;

inline uint64_t Below(Random& random, uint64_t bound) { return random() % bound; }
inline bool Chance(Random& random, double probability) {
  return static_cast<double>(random() >> 11) * 0x1p-53 < probability;
}

struct CollectionShape {
  size_t documents = 100;
  size_t terms = 20;        // vocabulary
  double density = .2;      // share of the passages that hold a frequent term
  size_t max_passages = 1;  // a document has 0 or 1 up to so many
  enum class Weights { kSmooth, kFew, kTiny, kOutlier, kLargest } weights = Weights::kSmooth;
};

CollectionShape RandomShape(Random& random, size_t max_documents);

// Ids are unique and in no order.
std::vector<TestDocument> RandomDocuments(Random& random, const CollectionShape& shape);

// Up to `max_terms` terms, some of them unknown to the collection.
QueryVector RandomQuery(Random& random, const CollectionShape& shape, size_t max_terms);

// A snapshot of the documents in up to four segments, some of them deleted.
struct TestCollection {
  Snapshot snapshot;
  std::vector<TestDocument> documents;  // deleted ones included
  std::set<std::string> deleted;
};
TestCollection RandomCollection(Random& random, const CollectionShape& shape);

// A filter that keeps documents with the given probability; the ids it keeps are added to `kept`.
std::vector<DocumentSet> RandomFilter(Random& random, const Snapshot& snapshot, double probability,
                                      std::set<std::string>& kept);

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_RANDOM_COLLECTION_H_
