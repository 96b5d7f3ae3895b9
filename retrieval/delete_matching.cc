#include "retrieval/delete_matching.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/status.h"
#include "retrieval/filters.h"

namespace foraker::retrieval {
namespace {

constexpr size_t kBatch = 1'000;
// A commit that refuses a version is in the log a moment before it is in the newest snapshot.
constexpr absl::Duration kPause = absl::Milliseconds(1);

struct Matching {
  std::string id;
  uint64_t version;
};

absl::StatusOr<std::vector<Matching>> Find(const Filter& filter, const index::Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const DocumentSets sets, Evaluate(filter, snapshot));
  std::vector<Matching> found;
  found.reserve(CountDocuments(sets));
  for (size_t s = 0; s < sets.size(); ++s) {
    const index::Segment& segment = *snapshot.segments[s].segment;
    for (const index::DocId document : sets[s]) {
      ASSIGN_OR_RETURN(const std::string_view id, segment.Id(document));
      ASSIGN_OR_RETURN(const uint64_t version, segment.Version(document));
      found.push_back({std::string(id), version});
    }
  }
  return found;
}

Filter AmongThem(const Filter& filter, const std::vector<std::string>& ids) {
  Filter among;
  among.kind = Filter::Kind::kIn;
  among.field = kIdField;
  for (const std::string& id : ids) among.values.emplace_back(id);
  Filter both;
  both.kind = Filter::Kind::kAnd;
  both.operands = {filter, std::move(among)};
  return both;
}

// Deletes what still has its version, and names the rest.
absl::Status DeleteAll(index::LiveCollection& collection, const std::vector<Matching>& found,
                       index::WaitFor wait, absl::Time deadline, DeleteMatchingReply& reply,
                       std::vector<std::string>& changed) {
  for (size_t begin = 0; begin < found.size(); begin += kBatch) {
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("the deadline passed after ", reply.deleted, " documents were deleted"));
    }
    const size_t end = std::min(begin + kBatch, found.size());
    index::WriteBatch batch;
    for (size_t i = begin; i < end; ++i) {
      index::Write& write = batch.writes.emplace_back();
      write.change = index::DeleteDocument{found[i].id};
      write.if_version = found[i].version;
    }
    ASSIGN_OR_RETURN(const index::BatchResult result, collection.Write(std::move(batch), wait));
    reply.sequence = std::max(reply.sequence, result.sequence);
    for (size_t i = begin; i < end; ++i) {
      const absl::Status& status = result.results[i - begin].status;
      if (status.ok()) {
        ++reply.deleted;
      } else if (absl::IsAborted(status)) {
        changed.push_back(found[i].id);
      } else if (!absl::IsNotFound(status)) {
        return status;
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeleteMatchingReply> DeleteMatching(index::LiveCollection& collection,
                                                   const Filter& filter, index::WaitFor wait,
                                                   absl::Time deadline) {
  DeleteMatchingReply reply;
  ASSIGN_OR_RETURN(std::vector<Matching> found, Find(filter, *collection.Newest()));
  while (!found.empty()) {
    std::vector<std::string> changed;
    RETURN_IF_ERROR(DeleteAll(collection, found, wait, deadline, reply, changed));
    if (changed.empty()) break;
    absl::SleepFor(kPause);
    ASSIGN_OR_RETURN(found, Find(AmongThem(filter, changed), *collection.Newest()));
  }
  return reply;
}

}  // namespace foraker::retrieval
