#include "retrieval/ingest/encode_pipeline.h"

#include <xxhash.h>

#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/document_encoder.h"
#include "retrieval/ingest/document_parser.h"

namespace foraker::retrieval {

// The parser and the encoder of one thread.
class EncodePipeline::Worker {
 public:
  Worker(const EncodeOptions& options, std::unique_ptr<DocumentEncoder> encoder)
      : options_(options),
        parser_(options.kind, options.drop_small_weights),
        encoder_(std::move(encoder)) {}

  absl::StatusOr<EncodedBatch> Encode(const LineBatch& lines) {
    EncodedBatch batch;
    batch.end = lines.end;
    batch.bytes_consumed = lines.bytes_consumed;
    batch.lines.reserve(lines.lines.size());
    const auto name_term = [&batch](index::TermKey key, std::string_view utf8) {
      batch.names.try_emplace(key, utf8);
    };
    for (const Line& line : lines.lines) {
      EncodedLine& encoded = batch.lines.emplace_back();
      encoded.file = line.file;
      encoded.number = line.number;
      encoded.end = line.end;
      encoded.error = ParseLine(line, name_term, encoded);
    }
    RETURN_IF_ERROR(EncodeDocuments(batch.lines, name_term));
    return batch;
  }

 private:
  template <typename NameTerm>
  absl::Status ParseLine(const Line& line, const NameTerm& name_term, EncodedLine& encoded) {
    if (line.too_long) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "expected lines of at most %d MiB, this one is longer", kMaxLineBytes >> 20));
    }
    ASSIGN_OR_RETURN(encoded.document, parser_.Parse(line.text, name_term));
    encoded.dropped_terms = parser_.dropped_terms();
    encoded.in_shard = InShard(encoded.document.id);
    if (!encoded.in_shard) {
      encoded.document.text = {};
      encoded.document.passages = {};
    }
    return absl::OkStatus();
  }

  // All at once, so that a model has much to do in a call.
  absl::Status EncodeDocuments(std::vector<EncodedLine>& lines,
                               const DocumentEncoder::NameTerm& name_term) {
    if (encoder_ == nullptr) return absl::OkStatus();
    std::vector<EncodedLine*> encoded;
    std::vector<index::Document*> documents;
    for (EncodedLine& line : lines) {
      if (!line.error.ok() || !line.in_shard) continue;
      encoded.push_back(&line);
      documents.push_back(&line.document);
    }
    std::vector<DocumentEncoder::Outcome> outcomes;
    RETURN_IF_ERROR(encoder_->Encode(documents, name_term, outcomes));
    for (size_t i = 0; i < encoded.size(); ++i) {
      encoded[i]->error = std::move(outcomes[i].error);
      encoded[i]->dropped_tokens = outcomes[i].dropped_tokens;
    }
    return absl::OkStatus();
  }

  bool InShard(std::string_view id) const {
    return options_.shard.count == 1 ||
           XXH3_64bits(id.data(), id.size()) % options_.shard.count == options_.shard.index;
  }

  const EncodeOptions& options_;
  DocumentParser parser_;
  std::unique_ptr<DocumentEncoder> encoder_;  // null for imported vectors
};

EncodePipeline::EncodePipeline(EncodeOptions options, std::unique_ptr<LineReader> reader)
    : options_(std::move(options)), reader_(std::move(reader)) {}

absl::StatusOr<std::unique_ptr<EncodePipeline>> EncodePipeline::Create(
    EncodeOptions options, std::unique_ptr<LineReader> reader) {
  std::unique_ptr<EncodePipeline> pipeline(
      new EncodePipeline(std::move(options), std::move(reader)));
  for (uint32_t i = 0; i < pipeline->options_.threads; ++i) {
    std::unique_ptr<DocumentEncoder> encoder;
    if (pipeline->options_.kind == InputKind::kText) {
      ASSIGN_OR_RETURN(encoder, DocumentEncoder::Create(pipeline->options_.settings,
                                                        pipeline->options_.encoder));
    }
    pipeline->workers_.push_back(std::make_unique<Worker>(pipeline->options_, std::move(encoder)));
  }
  pipeline->threads_.emplace_back([p = pipeline.get()] { p->ReadAll(); });
  for (const std::unique_ptr<Worker>& worker : pipeline->workers_) {
    pipeline->threads_.emplace_back([p = pipeline.get(), w = worker.get()] { p->Work(*w); });
  }
  return pipeline;
}

EncodePipeline::~EncodePipeline() {
  {
    const base::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void EncodePipeline::ReadAll() {
  const size_t batch_bytes = LineBatchBytes(options_.settings);
  for (uint64_t number = 0;; ++number) {
    absl::StatusOr<std::optional<LineBatch>> batch = reader_->Next(batch_bytes);
    const base::MutexLock lock(&mutex_);
    if (!batch.ok() || !batch->has_value()) {
      read_status_ = batch.status();
      batches_ = number;
      return;
    }
    const size_t bytes = (*batch)->bytes.size();
    const auto has_room = [&] {
      mutex_.AssertHeld();
      return stopping_ || bytes_under_way_ == 0 ||
             bytes_under_way_ + bytes <= options_.max_bytes_under_way;
    };
    mutex_.Await(has_room);
    if (stopping_) return;
    bytes_under_way_ += bytes;
    todo_.push_back({number, **std::move(batch)});
  }
}

void EncodePipeline::Work(Worker& worker) {
  const auto has_work = [&] {
    mutex_.AssertHeld();
    return stopping_ || !todo_.empty() || batches_.has_value();
  };
  while (true) {
    Task task;
    {
      const base::MutexLock lock(&mutex_);
      mutex_.Await(has_work);
      if (stopping_ || todo_.empty()) return;
      task = std::move(todo_.front());
      todo_.pop_front();
    }
    Result result{worker.Encode(task.lines), task.lines.bytes.size()};
    const base::MutexLock lock(&mutex_);
    done_.emplace(task.number, std::move(result));
  }
}

absl::StatusOr<std::optional<EncodedBatch>> EncodePipeline::Next() {
  const auto is_ready = [&] {
    mutex_.AssertHeld();
    return done_.contains(next_) || batches_ == next_;
  };
  const base::MutexLock lock(&mutex_);
  bytes_under_way_ -= std::exchange(bytes_handed_out_, 0);
  mutex_.Await(is_ready);
  const auto found = done_.find(next_);
  if (found == done_.end()) {
    RETURN_IF_ERROR(read_status_);
    return std::nullopt;
  }
  Result result = std::move(found->second);
  done_.erase(found);
  ++next_;
  bytes_handed_out_ = result.line_bytes;
  RETURN_IF_ERROR(result.batch.status());
  return *std::move(result.batch);
}

}  // namespace foraker::retrieval
