// What crash tests write. Documents come in groups: those of a group are always written together,
// in one batch, with the same content, so whoever reads a snapshot sees whether a batch is whole.
// All of a document follows from its id, a content number and a tag.

#ifndef FORAKER_TESTS_CRASH_WORKLOAD_H_
#define FORAKER_TESTS_CRASH_WORKLOAD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/collection/live_collection.h"
#include "index/collection/snapshot.h"
#include "index/segment/document.h"

namespace foraker::crash {

inline constexpr char kCollection[] = "crash";
inline constexpr int kWriters = 3;         // threads that write
inline constexpr int kGroupsAWriter = 24;  // each writes to groups of its own
inline constexpr int kAdministrator = 9;   // the thread that flushes, compacts, attaches, ...
inline constexpr int kShards = 4;          // prepared segments that can be attached

struct Group {
  uint64_t content = 0;
  int64_t tag = 0;
  std::vector<uint64_t> versions;  // one a member

  friend bool operator==(const Group&, const Group&) = default;
};
using State = std::map<std::string, Group>;  // by the group's name

std::string GroupName(int writer, int group);
std::string ShardGroup(int shard);  // of the documents of a prepared segment
std::vector<std::string> Members(const std::string& group);  // ids: one to four
index::Document MakeDocument(const std::string& id, uint64_t content, int64_t tag);

// Every live document, compared with what MakeDocument says. kInternal says what is not whole.
absl::StatusOr<State> ReadState(const index::Snapshot& snapshot);

// A state in one number; equal states have equal ones.
uint64_t Fingerprint(const State& state);

// Files of the segments that can be attached, each with the documents of ShardGroup(shard).
std::string ShardFile(const std::string& directory, int shard);
absl::Status WriteShards(const std::string& directory);

// Flushes and merges all the time.
index::LiveOptions BusyOptions();
// Nothing happens that is not asked for.
index::LiveOptions QuietOptions();

// Publishes the collection, empty.
absl::Status MakeCollection(const std::string& data_dir);

}  // namespace foraker::crash

#endif  // FORAKER_TESTS_CRASH_WORKLOAD_H_
