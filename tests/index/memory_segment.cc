#include "memory_segment.h"

#include <cstdlib>
#include <numeric>
#include <utility>

#include "index/postings/term_index_builder.h"
#include "index/segment/segment_writer.h"

namespace foraker::index {
namespace {

std::vector<uint32_t> ClusteredOrder(std::span<const TestDocument> documents) {
  TermIndexBuilder builder;
  for (const TestDocument& document : documents) {
    std::vector<SparseVectorView> views;
    for (const SparseVector& passage : document.passages) views.push_back(passage.view());
    builder.AddDocument(views);
  }
  return builder.DocumentOrder();
}

}  // namespace

std::shared_ptr<const Segment> MakeSegment(std::span<const TestDocument> documents,
                                           bool clustered) {
  std::vector<uint32_t> order(documents.size());
  std::iota(order.begin(), order.end(), 0u);
  if (clustered) order = ClusteredOrder(documents);
  const auto writer = SegmentWriter::CreateInMemory();
  if (!writer.ok()) std::abort();
  for (const uint32_t d : order) {
    Document document;
    document.id = documents[d].id;
    document.version = 1;
    for (const SparseVector& vector : documents[d].passages) {
      document.passages.emplace_back().vector = vector;
    }
    if (!(*writer)->Add(document).ok()) std::abort();
  }
  absl::StatusOr<std::shared_ptr<const Segment>> segment = (*writer)->FinishInMemory("memory");
  if (!segment.ok()) std::abort();
  return *std::move(segment);
}

}  // namespace foraker::index
