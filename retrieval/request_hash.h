// What makes a write request the same one when it is sent again: its writes and conditions in their
// order. The order of a document's fields does not count (maps on the wire have none), nor does how
// long the caller waits.

#ifndef FORAKER_RETRIEVAL_REQUEST_HASH_H_
#define FORAKER_RETRIEVAL_REQUEST_HASH_H_

#include <cstdint>

#include "retrieval/api/writer.h"

namespace foraker::retrieval {

uint64_t HashOf(const WriteRequest& request);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_REQUEST_HASH_H_
