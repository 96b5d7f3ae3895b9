// The order of documents inside a segment: similar ones side by side, so that a block's maxima are
// close to what its passages hold and most blocks can be skipped.
//
// A deterministic function of the vectors alone. Results of searches never depend on it.

#ifndef FORAKER_INDEX_POSTINGS_DOCUMENT_ORDER_H_
#define FORAKER_INDEX_POSTINGS_DOCUMENT_ORDER_H_

#include <cstdint>
#include <vector>

#include "index/postings/vector_store.h"

namespace foraker::index {

// new ordinal -> order of arrival.
std::vector<uint32_t> ClusteredOrder(const VectorStore& vectors);

// Bytes that ClusteredOrder needs beside the store.
size_t ClusteredOrderBytes(const VectorStore& vectors);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_POSTINGS_DOCUMENT_ORDER_H_
