#include "index/collection/live_commit.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "index/collection/batch_outcome.h"
#include "index/store/write_record.h"

namespace foraker::index {
namespace {

constexpr size_t kMaxGroupBytes = size_t{16} << 20;
// Merges of memory segments up to so many bytes are done by the committing thread, so that single
// writes do not wait for the background; they take a few milliseconds.
constexpr uint64_t kInlineMergeBytes = uint64_t{1} << 20;

size_t BytesOf(const Passage& passage) {
  return sizeof(passage) + passage.vector.keys.size() * (sizeof(TermKey) + 2 * sizeof(uint16_t)) +
         passage.counted.size() * sizeof(TermKey);
}

size_t BytesOf(const std::vector<Field>& fields) {
  size_t bytes = 0;
  for (const Field& field : fields) {
    bytes += sizeof(field) + field.name.size();
    for (const FieldValue& value : field.values) {
      const auto* keyword = std::get_if<std::string>(&value);
      bytes += sizeof(value) + (keyword == nullptr ? 0 : keyword->size());
    }
  }
  return bytes;
}

size_t BytesOf(const PutDocument& put) {
  const Document& document = put.document;
  size_t bytes =
      document.id.size() + document.title.size() + document.text.size() + BytesOf(document.fields);
  for (const Passage& passage : document.passages) bytes += BytesOf(passage);
  for (const TermName& name : put.names) bytes += sizeof(name) + name.second.size();
  return bytes;
}

}  // namespace

size_t BytesOf(const WriteBatch& batch) {
  size_t bytes = batch.request_id.size();
  for (const Write& write : batch.writes) {
    bytes += sizeof(write);
    if (const auto* put = std::get_if<PutDocument>(&write.change)) bytes += BytesOf(*put);
    if (const auto* update = std::get_if<UpdateFields>(&write.change)) {
      bytes += BytesOf(update->set);
    }
  }
  return bytes;
}

LiveCommit::LiveCommit(LiveState& state, std::unique_ptr<SegmentWriter> empty_segment,
                       std::vector<RememberedRequest> requests)
    : state_(state),
      requests_(std::move(requests), OptionsOf(state).request_ids_kept,
                OptionsOf(state).max_request_ids),
      empty_segment_(std::move(empty_segment)) {}

void LiveCommit::ReadSchema() { schema_ = CollectionSchema(*state_.head.snapshot()); }

absl::StatusOr<std::optional<BatchResult>> LiveCommit::Remembered(std::string_view id,
                                                                  uint64_t hash) const {
  return requests_.Find(id, hash, OptionsOf(state_).now());
}

absl::StatusOr<BatchResult> LiveCommit::Write(WriteBatch batch, WaitFor wait, size_t bytes) {
  PendingWrite pending;
  pending.batch = std::move(batch);
  pending.wait = wait;
  pending.bytes = bytes;
  bytes_under_way_ += bytes;
  queue_.Commit(pending, kMaxGroupBytes, [this](CommitQueue::Group group) { CommitGroup(group); });
  bytes_under_way_ -= bytes;
  return std::move(pending.result);
}

void LiveCommit::Decide(PendingWrite& pending, Round& round) {
  const std::string id = pending.batch.request_id;
  const uint64_t hash = pending.batch.request_hash;
  if (!id.empty()) {
    absl::StatusOr<std::optional<BatchResult>> known = requests_.Find(id, hash, round.now);
    if (!known.ok() || known->has_value()) {
      pending.result = known.ok() ? absl::StatusOr<BatchResult>(**std::move(known))
                                  : absl::StatusOr<BatchResult>(known.status());
      return;
    }
    const auto [first, fresh] = round.by_request.try_emplace(id, &pending);
    if (!fresh) {
      const absl::Status same = CheckSameRequest(id, first->second->batch.request_hash, hash);
      pending.result = same;
      if (same.ok()) round.repeats.emplace_back(&pending, first->second);
      return;
    }
  }
  BatchResult result = round.planner.Decide(std::move(pending.batch));
  if (!id.empty()) round.requests.push_back({id, hash, round.now, EncodeOutcome(result)});
  pending.result = std::move(result);
}

absl::Status LiveCommit::Log(const Round& round, const std::vector<std::string>& forgotten) {
  std::vector<LogEntry> entries;
  entries.reserve(round.planner.writes().size());
  for (const LoggedWrite& write : round.planner.writes()) {
    entries.push_back({write.sequence, EncodeWrite(write)});
  }
  return state_.catalog->AppendLog(state_.collection, entries, round.requests, forgotten,
                                   OptionsOf(state_).sync);
}

void LiveCommit::CommitGroup(CommitQueue::Group group) {
  const base::MutexLock committing(&state_.committing);
  Round round{
      WritePlanner(state_.head, schema_, *empty_segment_, state_.head.snapshot()->sequence + 1),
      OptionsOf(state_).now(),
      {},
      {},
      {}};
  absl::Status status = Writable(state_);
  CollectionHead next = state_.head;
  std::vector<std::string> forgotten;
  if (status.ok()) {
    for (PendingWrite* pending : group) Decide(*pending, round);
    // Made before it is logged: what cannot be applied is not acknowledged.
    status = next.Apply(round.planner.writes());
  }
  const bool anything = !round.planner.writes().empty() || !round.requests.empty();
  if (status.ok() && anything) {
    forgotten = requests_.ToForget(round.requests, round.now);
    status = Log(round, forgotten);
  }
  if (!status.ok()) {
    for (PendingWrite* pending : group) pending->result = status;
    queue_.Release(group, WaitFor::kSearchable);
    return;
  }
  for (const auto& [pending, first] : round.repeats) {
    pending->result = first->result;
    if (pending->result.ok()) pending->result->repeated = true;
  }
  requests_.Replace(forgotten, std::move(round.requests));
  const std::vector<PendingWrite*> waiting = queue_.Release(group, WaitFor::kLog);
  if (round.planner.writes().empty()) {
    queue_.Release(waiting, WaitFor::kSearchable);
    return;
  }
  schema_ = round.planner.schema();
  state_.head = std::move(next);
  ShowHead(state_);
  queue_.Release(waiting, WaitFor::kSearchable);
  Tidy(round.now);
}

void LiveCommit::Tidy(absl::Time now) {
  const LiveOptions options = OptionsOf(state_);
  // What cannot be merged stays as it is; the background comes upon the same error and reports it.
  const bool larger =
      MergeSmall(state_.head, state_.busy, options.merge_factor, kInlineMergeBytes).value_or(false);
  ShowHead(state_);
  bool work = larger;
  {
    const base::MutexLock swapping(&state_.swapping);
    work |= state_.oldest_unflushed == absl::InfiniteFuture();  // a time to flush by
    work |= state_.memory_bytes >= options.flush_bytes;
    state_.oldest_unflushed = std::min(state_.oldest_unflushed, now);
  }
  if (work) state_.signal->Notify();
}

}  // namespace foraker::index
