// A document out of a segment, as it was given to the writer: vectors bit for bit, counted terms,
// fields, title and text. What merges and field updates write again.
//
// Given back in the form in which it is stored: fields in order of their names and without those
// that have no value, -0 as 0, no positions where all are kNoPosition. A document read and written
// is read as the same again.
//
// Errors: kDataLoss from a corrupt file, kOutOfRange.

#ifndef FORAKER_INDEX_SEGMENT_DOCUMENT_READER_H_
#define FORAKER_INDEX_SEGMENT_DOCUMENT_READER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/segment/segment.h"
#include "index/segment/text_store.h"

namespace foraker::index {

absl::StatusOr<Document> ReadDocument(const Segment& segment, DocId document);

// For many documents of a segment: in the order of their texts (TextStore::Order) each block of
// texts is decompressed once. One thread; borrows the segment.
class DocumentReader {
 public:
  explicit DocumentReader(const Segment& segment) : segment_(segment), texts_(segment.texts()) {}

  absl::StatusOr<Document> Read(DocId document);

 private:
  absl::Status ReadPassages(DocId document, Document& out);

  const Segment& segment_;
  TextReader texts_;
  std::vector<uint32_t> counted_;  // of one passage
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_DOCUMENT_READER_H_
