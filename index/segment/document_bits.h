// Documents as one bit each, the form in which a scan finds them, and the way to a DocumentSet.

#ifndef FORAKER_INDEX_SEGMENT_DOCUMENT_BITS_H_
#define FORAKER_INDEX_SEGMENT_DOCUMENT_BITS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "index/segment/document_set.h"

namespace foraker::index {

using DocumentBits = std::vector<uint64_t>;  // [ceil(documents / 64)], document d: bit d % 64

// The set of the documents whose bit is set.
DocumentSet ToDocumentSet(std::span<const uint64_t> bits);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_DOCUMENT_BITS_H_
