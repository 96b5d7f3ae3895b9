// Writes one segment file (docs/format.md). Texts are compressed as they come and spooled beside
// the target; vectors, ids and fields stay in memory until Finish, which orders the documents and
// writes the sections. The same documents in the same order give the same bytes.
//
// One thread. Nothing is visible under `path` before Finish has succeeded; a writer that is
// destroyed earlier removes its spool. Errors: kInvalidArgument names the document and the field
// (id length, a field whose type differs from the segment's, a vector that Validate refuses, a
// passage outside its text, counted terms of another namespace than the segment's); kInternal for
// I/O.

#ifndef FORAKER_INDEX_SEGMENT_SEGMENT_WRITER_H_
#define FORAKER_INDEX_SEGMENT_SEGMENT_WRITER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "index/segment/segment.h"

namespace foraker::index {

class SegmentWriter {
 public:
  static absl::StatusOr<std::unique_ptr<SegmentWriter>> Create(std::string path);
  // Keeps everything in memory: FinishInMemory opens it. For small segments that live no longer
  // than the process (index/collection/collection_head.h). Documents stay in order of arrival.
  static absl::StatusOr<std::unique_ptr<SegmentWriter>> CreateInMemory();
  virtual ~SegmentWriter() = default;

  // What Add would refuse the document for; adds nothing.
  virtual absl::Status Check(const Document& document) const = 0;
  // A second document with the same id is the caller's error (kAlreadyExists).
  virtual absl::Status Add(const Document& document) = 0;

  // Strings of keys, for people to read (explanations). Asked before a name is made, so that each
  // term is named once a segment.
  virtual bool HasName(TermKey key) const = 0;
  virtual void Name(TermKey key, std::string_view utf8) = 0;

  virtual uint32_t num_documents() const = 0;
  virtual uint32_t num_passages() const = 0;
  virtual size_t memory_bytes() const = 0;  // held now, plus what Finish needs on top

  // Of a writer made by Create.
  virtual absl::Status Finish() = 0;
  // Of a writer made by CreateInMemory; the writer is spent. `label` names the segment in errors.
  virtual absl::StatusOr<std::shared_ptr<const Segment>> FinishInMemory(std::string label) = 0;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_SEGMENT_WRITER_H_
