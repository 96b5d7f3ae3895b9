#include "services/cli/document_stream.h"

#include <utility>

#include "base/status.h"
#include "services/client/request_id.h"

namespace foraker::cli {
namespace {

// Large enough that a batch's fixed costs (a commit, a round trip) do not matter, small enough that
// its texts and vectors are nothing beside the server's buffer.
constexpr size_t kBatchBytes = size_t{1} << 20;
constexpr size_t kBatchDocuments = 500;
// Batches that wait for the thread, beside those under way.
constexpr size_t kReady = 2;

size_t BytesOf(const retrieval::PutRequest& document) {
  size_t bytes = document.id.size() + document.title.size() + document.text.size();
  for (const auto& [name, values] : document.fields) {
    for (const retrieval::Value& value : values) {
      const auto* text = std::get_if<std::string>(&value);
      bytes += name.size() + (text == nullptr ? sizeof(double) : text->size());
    }
  }
  for (const retrieval::NamedTerm& term : document.vector)
    bytes += term.text.size() + sizeof(float);
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DocumentStream>> DocumentStream::Start(
    const client::ServerOptions& server, int connection, std::string collection,
    retrieval::WriteWait wait, OnOutcome on_outcome) {
  std::unique_ptr<DocumentStream> stream(
      new DocumentStream(std::move(collection), wait, std::move(on_outcome)));
  ASSIGN_OR_RETURN(
      stream->writer_,
      client::BulkWriter::Connect(server, connection, [self = stream.get()](const auto& reply) {
        return self->OnReply(reply);
      }));
  stream->thread_ = std::thread([self = stream.get()] { self->Run(); });
  return stream;
}

DocumentStream::DocumentStream(std::string collection, retrieval::WriteWait wait,
                               OnOutcome on_outcome)
    : collection_(std::move(collection)), wait_(wait), on_outcome_(std::move(on_outcome)) {
  NewBatch();
}

DocumentStream::~DocumentStream() {
  {
    base::MutexLock lock(&mutex_);
    ending_ = aborted_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void DocumentStream::NewBatch() {
  filling_ = Batch();
  filling_.request.collection = collection_;
  filling_.request.wait_for = wait_;
  filling_.request.request_id = client::NewRequestId();
}

absl::Status DocumentStream::Add(retrieval::PutRequest document, LineAddress address) {
  filling_.bytes += BytesOf(document);
  filling_.request.writes.push_back({std::move(document), std::nullopt});
  filling_.lines.push_back(address);
  if (filling_.bytes < kBatchBytes && filling_.lines.size() < kBatchDocuments) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(Hand(std::move(filling_)));
  NewBatch();
  return absl::OkStatus();
}

absl::Status DocumentStream::Finish() {
  if (!filling_.lines.empty()) RETURN_IF_ERROR(Hand(std::move(filling_)));
  {
    base::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
  base::MutexLock lock(&mutex_);
  return status_;
}

absl::Status DocumentStream::Hand(Batch batch) {
  base::MutexLock lock(&mutex_);
  mutex_.Await([this] {
    mutex_.AssertHeld();
    return ready_.size() < kReady || ended_;
  });
  if (ended_) return status_;
  ready_.push_back(std::move(batch));
  return absl::OkStatus();
}

void DocumentStream::Run() {
  absl::Status status;
  while (status.ok()) {
    Batch batch;
    {
      base::MutexLock lock(&mutex_);
      mutex_.Await([this] {
        mutex_.AssertHeld();
        return !ready_.empty() || ending_;
      });
      if (aborted_) return;
      if (ready_.empty()) break;
      batch = std::move(ready_.front());
      ready_.pop_front();
    }
    unanswered_.push_back(std::move(batch.lines));
    status = writer_->Write(batch.request);
  }
  if (status.ok()) status = writer_->Finish();
  base::MutexLock lock(&mutex_);
  status_ = status;
  ended_ = true;
}

absl::Status DocumentStream::OnReply(const retrieval::WriteReply& reply) {
  const std::vector<LineAddress> lines = std::move(unanswered_.front());
  unanswered_.pop_front();
  if (reply.outcomes.size() != lines.size()) {
    return absl::InternalError("the server's reply does not have a result for each document");
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    RETURN_IF_ERROR(on_outcome_(lines[i], reply.outcomes[i]));
  }
  if (reply.sequence != 0) sequence_ = reply.sequence;
  return absl::OkStatus();
}

}  // namespace foraker::cli
