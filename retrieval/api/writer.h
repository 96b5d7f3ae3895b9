// What the rest of the system may change in a collection's documents: the interface that the gRPC
// services and the command line share. Implementations: LocalWriter (retrieval/local_writer.h) and
// a gRPC client (services/client).
//
// Documents are encoded before anything is logged or acknowledged; what a document is refused for
// stands in its own outcome, the others of the request are written. Thread-safe. Errors of a whole
// request: kInvalidArgument naming the field; kNotFound for the collection; kResourceExhausted with
// a wait (RetryAfter) when the buffer is full; kFailedPrecondition where the directory is only
// read; kDeadlineExceeded when the deadline passed before anything was logged.

#ifndef FORAKER_RETRIEVAL_API_WRITER_H_
#define FORAKER_RETRIEVAL_API_WRITER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

// Makes the document or replaces it whole.
struct PutRequest {
  std::string id, title, text;
  FieldValues fields;
  // Of a collection of imported vectors (encoder "vectors"): terms of kind kImported. Else empty.
  std::vector<NamedTerm> vector;
};
struct DeleteRequest {
  std::string id;
};
// Changes fields and nothing else; nothing is encoded again.
struct UpdateFieldsRequest {
  std::string id;
  FieldValues set;
  std::vector<std::string> clear;
};

struct DocumentWrite {
  std::variant<PutRequest, DeleteRequest, UpdateFieldsRequest> change;
  std::optional<uint64_t> if_version;  // else kAborted; 0: the document must not exist
};

enum class WriteWait { kLog, kSearchable };

struct WriteRequest {
  std::string collection;
  std::vector<DocumentWrite> writes;
  std::string request_id;  // 1-128 bytes; empty: a retry writes again
  WriteWait wait_for = WriteWait::kSearchable;
  absl::Time deadline = absl::InfiniteFuture();
};

struct WriteOutcome {
  absl::Status status;          // kInvalidArgument, kNotFound, kAborted (a condition), or OK
  uint64_t version = 0;         // of the document now; 0 after a delete
  bool existed = false;         // a document of the id was there before
  uint64_t dropped_tokens = 0;  // that the encoder had no room for
};

struct WriteReply {
  std::vector<WriteOutcome> outcomes;  // one a write
  uint64_t sequence = 0;               // of the last write that was accepted
  bool repeated = false;               // recognised by its request id: nothing was written again
};

struct DeleteMatchingRequest {
  std::string collection;
  Filter filter;
  WriteWait wait_for = WriteWait::kSearchable;
  absl::Time deadline = absl::InfiniteFuture();
};
struct DeleteMatchingReply {
  uint64_t deleted = 0;
  uint64_t sequence = 0;
};

class Writer {
 public:
  virtual ~Writer() = default;

  virtual absl::StatusOr<WriteReply> Write(const WriteRequest& request) = 0;
  // Deletes what matched when the call began and has not been changed since; a document that was
  // changed meanwhile is looked at again. In batches: a call that fails midway has deleted some.
  virtual absl::StatusOr<DeleteMatchingReply> DeleteMatching(
      const DeleteMatchingRequest& request) = 0;

  // How long to wait after kResourceExhausted.
  virtual absl::Duration RetryAfter(std::string_view collection) const = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_API_WRITER_H_
