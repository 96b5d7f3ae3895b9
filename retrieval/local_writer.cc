#include "retrieval/local_writer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "retrieval/delete_matching.h"
#include "retrieval/encoder_pool.h"
#include "retrieval/encoder_store.h"
#include "retrieval/encoding_budget.h"
#include "retrieval/prepared_writes.h"
#include "retrieval/request_hash.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {
namespace {

using Live = std::shared_ptr<index::LiveCollection>;

constexpr absl::Duration kEncodingRetry = absl::Seconds(1);

index::WaitFor ToIndex(WriteWait wait) {
  return wait == WriteWait::kLog ? index::WaitFor::kLog : index::WaitFor::kSearchable;
}

// How a collection's documents are written, under one state of its settings.
struct WrittenAs {
  std::string json;
  CollectionSettings settings;
  std::shared_ptr<EncoderPool> encoders;  // null: imported vectors
};

WriteReply ReplyOf(index::BatchResult result, const std::vector<uint64_t>* dropped_tokens) {
  WriteReply reply{.outcomes = {}, .sequence = result.sequence, .repeated = result.repeated};
  reply.outcomes.reserve(result.results.size());
  for (size_t i = 0; i < result.results.size(); ++i) {
    index::WriteResult& one = result.results[i];
    reply.outcomes.push_back(
        {.status = std::move(one.status),
         .version = one.version,
         .existed = one.existed,
         .dropped_tokens = dropped_tokens != nullptr ? (*dropped_tokens)[i] : 0});
  }
  return reply;
}

class LocalWriter final : public Writer {
 public:
  LocalWriter(std::shared_ptr<index::LiveStore> store, const LocalWriterOptions& options)
      : store_(std::move(store)),
        limits_(options.limits),
        encoders_(store_->catalog()->dir()),
        budget_(options.encoding_bytes, std::max(1u, std::thread::hardware_concurrency())) {}

  absl::StatusOr<WriteReply> Write(const WriteRequest& request) override {
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    const uint64_t hash = request.request_id.empty() ? 0 : HashOf(request);
    while (true) {
      ASSIGN_OR_RETURN(const Live live, store_->Find(request.collection));
      absl::StatusOr<WriteReply> reply = WriteTo(*live, request, hash);
      if (!reply.ok()) {
        if (WasDropped(reply.status(), request.collection, *live)) continue;
        return reply;
      }
      ASSIGN_OR_RETURN(const bool left_behind,
                       WasLeftBehind(request.collection, *live, reply->sequence));
      if (!left_behind) return reply;
    }
  }

  absl::StatusOr<DeleteMatchingReply> DeleteMatching(
      const DeleteMatchingRequest& request) override {
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    DeleteMatchingReply total;
    while (true) {
      ASSIGN_OR_RETURN(const Live live, store_->Find(request.collection));
      ASSIGN_OR_RETURN(const DeleteMatchingReply reply,
                       retrieval::DeleteMatching(*live, request.filter, ToIndex(request.wait_for),
                                                 request.deadline));
      total.deleted += reply.deleted;
      total.sequence = reply.sequence;
      ASSIGN_OR_RETURN(const bool left_behind,
                       WasLeftBehind(request.collection, *live, reply.sequence));
      if (!left_behind) return total;
    }
  }

  absl::Duration RetryAfter(std::string_view collection) const override {
    const absl::StatusOr<Live> live = store_->Find(collection);
    return live.ok() ? std::max((*live)->RetryAfter(), absl::Milliseconds(1)) : kEncodingRetry;
  }

 private:
  absl::StatusOr<WriteReply> WriteTo(index::LiveCollection& live, const WriteRequest& request,
                                     uint64_t hash) {
    if (!request.request_id.empty()) {
      ASSIGN_OR_RETURN(std::optional<index::BatchResult> known,
                       live.Remembered(request.request_id, hash));
      if (known.has_value()) return ReplyOf(*std::move(known), nullptr);
    }
    const std::shared_ptr<const index::Snapshot> newest = live.Newest();
    ASSIGN_OR_RETURN(const std::shared_ptr<const WrittenAs> written, Open(*newest));
    ASSIGN_OR_RETURN(PreparedWrites prepared,
                     PreparedWrites::Of(request.writes, written->settings, *newest));
    if (written->encoders != nullptr) {
      ASSIGN_OR_RETURN(const EncodingBudget::Lease lease,
                       budget_.Borrow(prepared.text_bytes(), request.deadline));
      RETURN_IF_ERROR(prepared.Encode(*written->encoders, request.deadline));
    }
    if (absl::Now() >= request.deadline) {
      return absl::DeadlineExceededError("the deadline passed before anything was written");
    }
    ASSIGN_OR_RETURN(index::BatchResult result, live.Write({.writes = prepared.TakeWrites(),
                                                            .request_id = request.request_id,
                                                            .request_hash = hash},
                                                           ToIndex(request.wait_for)));
    return ReplyOf(std::move(result), &prepared.dropped_tokens());
  }

  // Whether the collection went away under the write, and the name means another one by now.
  bool WasDropped(const absl::Status& status, std::string_view name,
                  const index::LiveCollection& written) {
    if (!absl::IsFailedPrecondition(status)) return false;
    const absl::StatusOr<Live> now = store_->Find(name);
    return now.ok() && now->get() != &written;
  }

  // Whether the name means a collection by now that a rebuild, or one after the other, made without
  // this write.
  absl::StatusOr<bool> WasLeftBehind(std::string_view name, const index::LiveCollection& written,
                                     uint64_t sequence) {
    if (name == written.name()) return false;
    absl::StatusOr<Live> now = store_->Find(name);
    while (now.ok() && now->get() != &written) {
      ASSIGN_OR_RETURN(const CollectionSettings settings,
                       CollectionSettings::FromJson((*now)->Newest()->settings));
      if (!settings.origin.has_value()) return false;  // somebody gave the name to another one
      if (settings.origin->collection == written.name()) {
        return settings.origin->sequence < sequence;
      }
      now = store_->Find(settings.origin->collection);
      if (absl::IsNotFound(now.status())) return true;  // nobody knows; writing it again is safe
    }
    return false;
  }

  absl::StatusOr<std::shared_ptr<const WrittenAs>> Open(const index::Snapshot& snapshot) {
    const base::MutexLock lock(&mutex_);
    if (const auto found = written_.find(snapshot.collection);
        found != written_.end() && found->second->json == snapshot.settings) {
      return found->second;
    }
    // Encoders of collections that were dropped need not stay in memory.
    std::erase_if(written_, [this](const auto& one) {
      return absl::IsNotFound(store_->catalog()->Resolve(one.first).status());
    });
    std::shared_ptr<const WrittenAs>& known = written_[snapshot.collection];
    auto opened = std::make_shared<WrittenAs>();
    opened->json = snapshot.settings;
    ASSIGN_OR_RETURN(opened->settings, CollectionSettings::FromJson(snapshot.settings));
    const DocumentSide& document = opened->settings.document;
    if (known != nullptr && known->settings.document == document) {
      opened->encoders = known->encoders;
    } else if (document.encoder != "vectors") {
      absl::StatusOr<std::shared_ptr<EncoderPool>> encoders =
          EncoderPool::Open(document, encoders_);
      if (!encoders.ok()) {
        return base::Annotate(encoders.status(),
                              absl::StrFormat("collection \"%s\"", snapshot.collection));
      }
      opened->encoders = *std::move(encoders);
    }
    known = std::move(opened);
    return known;
  }

  const std::shared_ptr<index::LiveStore> store_;
  const RequestLimits limits_;
  EncoderStore encoders_;
  EncodingBudget budget_;
  base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const WrittenAs>> written_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Writer> MakeLocalWriter(std::shared_ptr<index::LiveStore> store,
                                        LocalWriterOptions options) {
  return std::make_unique<LocalWriter>(std::move(store), options);
}

index::LiveStore::OptionsOf LiveOptionsOf(index::LiveOptions defaults) {
  return [defaults](const index::CollectionRecord& record) -> absl::StatusOr<index::LiveOptions> {
    ASSIGN_OR_RETURN(const CollectionSettings settings,
                     CollectionSettings::FromJson(record.settings));
    index::LiveOptions options = defaults;
    options.sync = defaults.sync && settings.writes.sync;
    options.auto_statistics = settings.query.idf == IdfMode::kAuto;
    return options;
  };
}

}  // namespace foraker::retrieval
