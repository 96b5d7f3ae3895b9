// A thread that sends documents to a server in batches, and tells of each what became of it.
//
// Add belongs to one thread; `on_outcome` is called on the stream's. The destructor ends the stream
// without waiting for replies unless Finish was called.

#ifndef FORAKER_SERVICES_CLI_DOCUMENT_STREAM_H_
#define FORAKER_SERVICES_CLI_DOCUMENT_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "retrieval/api/writer.h"
#include "services/client/bulk_writer.h"

namespace foraker::cli {

// Where a document was read.
struct LineAddress {
  uint32_t file = 0;
  uint64_t line = 0;
};

class DocumentStream {
 public:
  // Of one document; an error ends the stream.
  using OnOutcome = std::function<absl::Status(LineAddress, const retrieval::WriteOutcome&)>;

  static absl::StatusOr<std::unique_ptr<DocumentStream>> Start(const client::ServerOptions& server,
                                                               int connection,
                                                               std::string collection,
                                                               retrieval::WriteWait wait,
                                                               OnOutcome on_outcome);
  ~DocumentStream();
  DocumentStream(const DocumentStream&) = delete;
  DocumentStream& operator=(const DocumentStream&) = delete;

  // Waits while the batches before are not sent yet. The error that ended the stream.
  absl::Status Add(retrieval::PutRequest document, LineAddress address);
  // Returns when the server has acknowledged everything. The last call.
  absl::Status Finish();

  uint64_t sequence() const { return sequence_; }  // of the last write, after Finish

 private:
  struct Batch {
    retrieval::WriteRequest request;
    std::vector<LineAddress> lines;
    size_t bytes = 0;
  };

  DocumentStream(std::string collection, retrieval::WriteWait wait, OnOutcome on_outcome);

  void Run();
  absl::Status OnReply(const retrieval::WriteReply& reply);
  absl::Status Hand(Batch batch);
  void NewBatch();

  const std::string collection_;
  const retrieval::WriteWait wait_;
  const OnOutcome on_outcome_;
  std::unique_ptr<client::BulkWriter> writer_;       // the thread's
  std::deque<std::vector<LineAddress>> unanswered_;  // the thread's
  uint64_t sequence_ = 0;                            // the thread's, until it has ended
  Batch filling_;                                    // the caller's

  base::Mutex mutex_;
  std::deque<Batch> ready_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;   // nothing more will come
  bool aborted_ ABSL_GUARDED_BY(mutex_) = false;  // what is ready is not wanted any more
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_DOCUMENT_STREAM_H_
