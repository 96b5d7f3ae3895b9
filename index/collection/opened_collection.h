// A live collection of a store: its parts put together, and the work that the store's background
// threads ask it for.
//
// Thread-safe. Errors: live_collection.h.

#ifndef FORAKER_INDEX_COLLECTION_OPENED_COLLECTION_H_
#define FORAKER_INDEX_COLLECTION_OPENED_COLLECTION_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/collection/live_collection.h"
#include "index/collection/live_commit.h"
#include "index/collection/live_flush.h"
#include "index/collection/live_merge.h"
#include "index/collection/live_state.h"
#include "index/collection/live_store.h"

namespace foraker::index {

class OpenedCollection final : public LiveCollection {
 public:
  // Replays the log.
  static absl::StatusOr<std::shared_ptr<OpenedCollection>> Open(std::shared_ptr<Catalog> catalog,
                                                                std::shared_ptr<WorkSignal> signal,
                                                                LiveStore::OptionsOf options_of,
                                                                std::string_view name);

  const std::string& name() const override { return state_.collection; }
  absl::StatusOr<BatchResult> Write(WriteBatch batch, WaitFor wait) override;
  absl::StatusOr<std::optional<BatchResult>> Remembered(std::string_view request_id,
                                                        uint64_t request_hash) const override;
  std::shared_ptr<const Snapshot> Newest() const override;
  absl::Status Flush() override;
  absl::Status Compact() override;
  absl::Status Exclusively(absl::FunctionRef<absl::Status()> work) override;
  absl::Duration RetryAfter() const override;
  LiveStats Stats() const override;

  // --- for the background ---
  // Flushes when it is time to, or merges memory segments; returns whether there may be more to do.
  bool WorkOnBuffer();
  bool MergeFiles();
  absl::Time next_flush() const;
  absl::Time next_merge() const { return merge_.progress().next_attempt(); }

  // Writes fail with `reason` from now on; background work ends without a result.
  void Stop(absl::Status reason);
  // Stops, waits until nothing is under way, then does `work`.
  absl::Status Close(absl::Status reason, absl::FunctionRef<absl::Status()> work);

 private:
  OpenedCollection(std::shared_ptr<Catalog> catalog, std::shared_ptr<WorkSignal> signal,
                   LiveStore::OptionsOf options_of, std::shared_ptr<const Snapshot> generation,
                   const LiveOptions& options, std::unique_ptr<SegmentWriter> empty_segment,
                   std::vector<RememberedRequest> requests)
      : state_(std::move(catalog), std::move(signal), std::move(generation), options),
        options_of_(std::move(options_of)),
        commit_(state_, std::move(empty_segment), std::move(requests)),
        flush_(state_),
        merge_(state_) {}

  absl::Status Recover(uint64_t next_file);
  absl::Status CheckRoom(size_t bytes) const;
  absl::Status StartAnew();

  LiveState state_;
  const LiveStore::OptionsOf options_of_;
  LiveCommit commit_;
  LiveFlush flush_;
  LiveMerge merge_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_OPENED_COLLECTION_H_
