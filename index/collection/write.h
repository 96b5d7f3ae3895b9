// What is written to a live collection, and what came of it.
//
// A batch is one atomic entry of the log: after a crash all of its accepted writes are there or
// none. Inside a batch writes take effect in their order, so a later one sees an earlier one's
// version. A write whose condition fails is refused alone; the others stand.

#ifndef FORAKER_INDEX_COLLECTION_WRITE_H_
#define FORAKER_INDEX_COLLECTION_WRITE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "index/segment/document.h"
#include "index/term_key.h"

namespace foraker::index {

// The string of a hashed key, for people to read.
using TermName = std::pair<TermKey, std::string>;

// Replaces the document of this id, or makes it. Passages and vectors are there already.
struct PutDocument {
  Document document;  // its version is set when the write gets its sequence number
  std::vector<TermName> names;
};

// kNotFound in its result when there is none.
struct DeleteDocument {
  std::string id;
};

// Changes fields alone: text and vectors stay as they are stored. kNotFound as above.
struct UpdateFields {
  std::string id;
  std::vector<Field> set;          // replace the field's values, or add the field
  std::vector<std::string> clear;  // names
};

// A write that its caller refused already. The status becomes its result, so that a batch that is
// sent again is answered as it was the first time.
struct RefusedWrite {
  absl::Status status;
};

struct Write {
  std::variant<PutDocument, DeleteDocument, UpdateFields, RefusedWrite> change;
  // Refused with kAborted when the document has another version; 0: it must not exist.
  std::optional<uint64_t> if_version;
};

// How far a write has come when its call returns: in the log, so that it survives; or searchable
// too.
enum class WaitFor { kLog, kSearchable };

struct WriteBatch {
  std::vector<Write> writes;
  // Makes a retry harmless: a batch of the same id and hash is not written again, its first result
  // is returned. The same id with another hash is kInvalidArgument. Empty: no such protection.
  std::string request_id;
  uint64_t request_hash = 0;
};

struct WriteResult {
  absl::Status status;
  uint64_t version = 0;  // of the document now, 0 after a delete; with kAborted the one there is
  bool existed = false;  // a document of the id was there before
};

struct BatchResult {
  std::vector<WriteResult> results;  // one a write
  uint64_t sequence = 0;             // of the batch's last accepted write
  bool repeated = false;             // known by its request id; nothing was written now
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_WRITE_H_
