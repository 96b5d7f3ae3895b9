// What the rest of the system may change about collections as wholes. Implementations:
// LocalAdministrator (retrieval/local_administrator.h) and a gRPC client (services/client).
//
// Thread-safe; each call is atomic unless it says otherwise, and searches go on beside all of them.
// Errors: kInvalidArgument naming the field, kNotFound, kAlreadyExists, kFailedPrecondition where
// the directory is only read, kCancelled when a long call was stopped (it then changed nothing).

#ifndef FORAKER_RETRIEVAL_API_ADMINISTRATOR_H_
#define FORAKER_RETRIEVAL_API_ADMINISTRATOR_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

struct CreateRequest {
  std::string collection;
  std::string encoder = "bm25";  // as `foraker index --encoder`
  // Changes to that encoder's defaults, by dotted names: {"document.passage_tokens", "128"}.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::pair<std::string, std::string>> fields;  // declared: name, type ("keyword", ...)
};

struct AttachRequest {
  std::string collection;
  std::vector<std::string> directories;  // of shards, as the process that attaches sees them
};

// Encodes the text of a collection again into a new one, follows what is written meanwhile, and
// moves the alias over in one step. The old collection stays until it is dropped.
struct RebuildRequest {
  std::string alias;           // of the collection to rebuild; it ends on the new one
  std::string new_collection;  // its name
  std::string encoder;         // empty: as it was
  std::vector<std::pair<std::string, std::string>> settings;
};

struct Progress {
  std::string stage;       // "encoding", "catching up", "merging", "publishing"
  uint64_t documents = 0;  // done
  uint64_t total = 0;      // 0: not known
};
using OnProgress = std::function<void(const Progress&)>;  // may be null; about once a second

class Administrator {
 public:
  virtual ~Administrator() = default;

  virtual absl::Status CreateCollection(const CreateRequest& request) = 0;
  virtual absl::Status DropCollection(std::string_view collection) = 0;
  // Query side only ("query.stem_weight", ...); the document side is fixed.
  virtual absl::Status UpdateSettings(
      std::string_view collection,
      const std::vector<std::pair<std::string, std::string>>& settings) = 0;
  // Counts term statistics anew and publishes them (for idf: manual).
  virtual absl::Status PublishIdf(std::string_view collection) = 0;

  virtual absl::Status SetAlias(std::string_view alias, std::string_view collection) = 0;
  virtual absl::Status RemoveAlias(std::string_view alias) = 0;

  // Everything acknowledged before is in it.
  virtual absl::Status CreateSnapshot(std::string_view collection, std::string_view snapshot) = 0;
  virtual absl::Status DropSnapshot(std::string_view collection, std::string_view snapshot) = 0;
  // As the collection's next generation, or (`as` not empty) as a new collection.
  virtual absl::Status RestoreSnapshot(std::string_view collection, std::string_view snapshot,
                                       std::string_view as) = 0;

  // Makes a new collection of the directory of a named snapshot, of this data directory or another
  // (a backup), as the process that imports sees it.
  virtual absl::Status ImportSnapshot(std::string_view directory, std::string_view collection) = 0;

  virtual absl::Status Flush(std::string_view collection) = 0;
  virtual absl::Status Compact(std::string_view collection) = 0;
  virtual absl::Status Attach(const AttachRequest& request) = 0;
  virtual absl::Status Rebuild(const RebuildRequest& request, const OnProgress& on_progress,
                               const std::atomic<bool>* cancel) = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_API_ADMINISTRATOR_H_
