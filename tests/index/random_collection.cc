#include "random_collection.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace foraker::index {
namespace {

using Weights = CollectionShape::Weights;

TermKey Key(uint64_t term) { return NumberedTermKey(TermNamespace::kImported, term * 7919); }

float RandomWeight(Random& random, Weights kind) {
  const double uniform = static_cast<double>(Below(random, 1 << 20) + 1) * 0x1p-20;
  switch (kind) {
    case Weights::kSmooth:
      return static_cast<float>(3 * uniform);
    case Weights::kFew:
      return static_cast<float>(1 + Below(random, 3)) * 0.5f;
    case Weights::kTiny:
      return base::kMinWeight * static_cast<float>(1 + Below(random, 3));
    case Weights::kOutlier:
      return Chance(random, .01) ? base::kMaxWeight : static_cast<float>(.1 * uniform);
    case Weights::kLargest:
      return base::kMaxWeight - static_cast<float>(32 * Below(random, 4));
  }
  return 1;
}

SparseVector RandomPassage(Random& random, const CollectionShape& shape) {
  SparseVector vector;
  if (Chance(random, .02)) return vector;  // no terms
  for (size_t t = 0; t < shape.terms; ++t) {
    // Term 0 is in every passage, later ones are ever rarer.
    const double probability =
        t == 0
            ? 1
            : shape.density / (1 + 8 * static_cast<double>(t) / static_cast<double>(shape.terms));
    if (!Chance(random, probability)) continue;
    vector.keys.push_back(Key(t));
    const float weight = std::max(RandomWeight(random, shape.weights), base::kMinWeight);
    vector.weights.push_back(base::FloatToFloat16(weight));
    if (shape.terms % 2 == 0) vector.positions.push_back(static_cast<Position>(Below(random, 500)));
  }
  return vector;
}

}  // namespace

CollectionShape RandomShape(Random& random, size_t max_documents) {
  CollectionShape shape;
  const uint64_t kind = Below(random, 10);
  if (kind == 0) {
    shape.documents = Below(random, 3);
  } else if (kind == 1) {
    shape.documents = 63 + Below(random, 3);
  } else {
    shape.documents = 1 + Below(random, max_documents);
  }
  shape.terms = 1 + Below(random, 40);
  shape.density = std::pow(static_cast<double>(1 + Below(random, 100)) / 100, 2);
  shape.max_passages = Chance(random, .5) ? 1 : 1 + Below(random, Chance(random, .1) ? 60 : 4);
  shape.documents /= shape.max_passages > 4 ? 10 : 1;
  shape.weights = static_cast<Weights>(Below(random, 5));
  return shape;
}

std::vector<TestDocument> RandomDocuments(Random& random, const CollectionShape& shape) {
  std::vector<TestDocument> documents(shape.documents);
  for (size_t d = 0; d < documents.size(); ++d) {
    documents[d].id = std::to_string((d * 2654435761u) % 1000003) + "-" + std::to_string(d);
    const size_t passages = shape.max_passages == 1 ? 1 : Below(random, shape.max_passages + 1);
    for (size_t p = 0; p < passages; ++p) {
      documents[d].passages.push_back(RandomPassage(random, shape));
    }
  }
  return documents;
}

QueryVector RandomQuery(Random& random, const CollectionShape& shape, size_t max_terms) {
  static constexpr float kScales[] = {1, 1, 1, 10, 1e-30f, 1e-42f, 1e30f, 1e34f};
  const float scale = kScales[Below(random, std::size(kScales))];
  const double density = static_cast<double>(Below(random, 101)) / 100;
  QueryVector query;
  for (size_t t = 0; t < shape.terms + 3 && query.size() < max_terms; ++t) {
    if (!Chance(random, density)) continue;
    const auto weight = static_cast<float>(1 + Below(random, 1000)) / 100 * scale;
    query.push_back({Key(t), std::max(weight, 1e-45f)});
  }
  return query;
}

TestCollection RandomCollection(Random& random, const CollectionShape& shape) {
  TestCollection out;
  out.documents = RandomDocuments(random, shape);
  const size_t segments = 1 + Below(random, 4);
  std::vector<std::vector<TestDocument>> split(segments);
  for (const TestDocument& document : out.documents) {
    split[Below(random, segments)].push_back(document);
  }
  const double deletes = Chance(random, .5) ? 0 : .3;
  for (const std::vector<TestDocument>& part : split) {
    LiveSegment live{MakeSegment(part, Chance(random, .7)), nullptr};
    auto deleted = std::make_shared<DocumentSet>();
    for (DocId d = 0; d < live.segment->num_documents(); ++d) {
      if (!Chance(random, deletes)) continue;
      deleted->add(d);
      out.deleted.emplace(*live.segment->Id(d));
    }
    if (!deleted->isEmpty() || Chance(random, .5)) live.deleted_documents = deleted;
    out.snapshot.segments.push_back(std::move(live));
  }
  return out;
}

std::vector<DocumentSet> RandomFilter(Random& random, const Snapshot& snapshot, double probability,
                                      std::set<std::string>& kept) {
  std::vector<DocumentSet> filter;
  for (const LiveSegment& live : snapshot.segments) {
    DocumentSet& set = filter.emplace_back();
    for (DocId d = 0; d < live.segment->num_documents(); ++d) {
      if (!Chance(random, probability)) continue;
      set.add(d);
      kept.emplace(*live.segment->Id(d));
    }
  }
  return filter;
}

}  // namespace foraker::index
