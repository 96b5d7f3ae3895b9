// A document out of a segment, as it was given to the writer: vectors bit for bit, counted terms,
// fields, title and text. What merges and field updates write again.
//
// Errors: kDataLoss from a corrupt file, kOutOfRange.

#ifndef FORAKER_INDEX_SEGMENT_DOCUMENT_READER_H_
#define FORAKER_INDEX_SEGMENT_DOCUMENT_READER_H_

#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/segment/segment.h"

namespace foraker::index {

absl::StatusOr<Document> ReadDocument(const Segment& segment, DocId document);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_DOCUMENT_READER_H_
