#include "tests/crash/recovery_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/directory.h"
#include "index/collection/live_store.h"
#include "index/query/top_k.h"
#include "index/store/catalog.h"
#include "index/store/data_files.h"
#include "tests/index/brute_force.h"

namespace foraker::crash {
namespace {

using index::TestDocument;

// Of the members of all groups.
std::vector<index::Document> Documents(const State& state) {
  std::vector<index::Document> documents;
  for (const auto& [name, group] : state) {
    for (const std::string& id : Members(name)) {
      documents.push_back(MakeDocument(id, group.content, group.tag));
    }
  }
  return documents;
}

void CheckSearch(const index::Snapshot& snapshot, const State& state, std::mt19937_64& random) {
  std::vector<TestDocument> documents;
  for (const index::Document& document : Documents(state)) {
    TestDocument& test = documents.emplace_back();
    test.id = document.id;
    for (const index::Passage& passage : document.passages) test.passages.push_back(passage.vector);
  }
  index::QueryVector query;
  for (uint64_t id = 0; id < 40; ++id) {
    if (random() % 8 != 0) continue;
    query.push_back({index::NumberedTermKey(index::TermNamespace::kWordPiece, id),
                     static_cast<float>(1 + random() % 10)});
  }
  index::SearchOptions options;
  options.k = 1000;
  const auto result = index::TopK(snapshot, query, options);
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<index::ExpectedHit> hits;
  for (const index::Hit& hit : result->hits) {
    hits.push_back({hit.score, std::string(hit.id), hit.passage_in_document});
  }
  EXPECT_EQ(hits, index::BruteForceSearch(documents, query, true,
                                          [](const TestDocument&) { return true; }));
}

// Counts as a publish would, against counting what was written.
void CheckStatistics(const index::Snapshot& snapshot, const State& state,
                     const std::string& scratch) {
  std::map<index::TermKey, uint64_t> frequencies;
  uint64_t passages = 0;
  for (const index::Document& document : Documents(state)) {
    for (const index::Passage& passage : document.passages) {
      ++passages;
      for (const index::TermKey key : passage.vector.keys) ++frequencies[key];
    }
  }
  const std::string file = scratch + "/counted.idf";
  const absl::Status written = index::TermStatistics::Write(snapshot.segments, {}, file);
  ASSERT_TRUE(written.ok()) << written;
  const auto statistics = index::TermStatistics::Open(file);
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_EQ((*statistics)->num_passages(), passages);
  EXPECT_EQ((*statistics)->keys().size(), frequencies.size());
  for (const auto& [key, frequency] : frequencies) {
    EXPECT_EQ(*(*statistics)->DocumentFrequency(key), frequency) << key;
  }
}

// Nothing in the directory's folders that the catalog does not name, and every file sound.
void CheckFilesAre(index::Catalog& catalog, const Expected& expected) {
  const auto info = catalog.Get(kCollection);
  ASSERT_TRUE(info.ok()) << info.status();
  std::vector<std::string> named = index::FilesOf(info->record);
  std::sort(named.begin(), named.end());
  EXPECT_EQ(*base::ListDirectory(catalog.CollectionDir(kCollection)), named);
  EXPECT_EQ(base::ListDirectory(catalog.dir() + "/collections")->size(), 1u);
  std::vector<std::string> snapshots;
  for (const auto& [name, fingerprint] : expected.snapshots) snapshots.push_back(name);
  EXPECT_EQ(info->snapshots, snapshots);
  const auto directories = base::ListDirectory(catalog.dir() + "/snapshots/" + kCollection);
  if (directories.ok()) {
    EXPECT_EQ(*directories, snapshots);
  } else {
    EXPECT_TRUE(snapshots.empty());
  }
  const auto checks = catalog.Verify(kCollection);
  ASSERT_TRUE(checks.ok()) << checks.status();
  for (const index::FileCheck& check : *checks) {
    EXPECT_TRUE(check.status.ok()) << check.file << ": " << check.status;
  }
}

// What became of the snapshot that was being made or dropped.
void SettleSnapshots(index::Catalog& catalog, Expected& expected) {
  const auto found = expected.pending.find(kAdministrator);
  if (found != expected.pending.end()) {
    const Pending& pending = found->second;
    if (pending.op == "snapshot") {
      if (const auto named = catalog.Named(kCollection, pending.name); named.ok()) {
        const auto state = ReadState(**named);
        ASSERT_TRUE(state.ok()) << pending.name << ": " << state.status();
        expected.snapshots[pending.name] = Fingerprint(*state);
      } else {
        EXPECT_TRUE(absl::IsNotFound(named.status())) << named.status();
      }
    }
    if (pending.op == "drop" && absl::IsNotFound(catalog.Named(kCollection, pending.name).status()))
      expected.snapshots.erase(pending.name);
  }
  for (const auto& [name, fingerprint] : expected.snapshots) {
    const auto named = catalog.Named(kCollection, name);
    ASSERT_TRUE(named.ok()) << name << ": " << named.status();
    const auto state = ReadState(**named);
    ASSERT_TRUE(state.ok()) << name << ": " << state.status();
    EXPECT_EQ(Fingerprint(*state), fingerprint) << name;
  }
}

const Group* Find(const State& state, const std::string& name) {
  const auto found = state.find(name);
  return found == state.end() ? nullptr : &found->second;
}

// Whether the pending operation is in the state that was found, which must be the one before it or
// the one after.
bool WasApplied(const Pending& pending, const State& found, const State& before) {
  const bool attach = pending.op == "attach";
  const std::string name = attach ? ShardGroup(std::stoi(pending.name)) : pending.name;
  const Group* now = Find(found, name);
  const Group* then = Find(before, name);
  if (now == nullptr && then == nullptr) return false;
  if (now != nullptr && then != nullptr && *now == *then) return false;
  if (now == nullptr) {
    EXPECT_EQ(pending.op, "delete") << name << " is gone";
  } else if (attach) {
    EXPECT_EQ(now->content, 1u) << name;
  } else {
    EXPECT_NE(pending.op, "delete") << name << " has changed";
    EXPECT_EQ(now->content, pending.content) << name;
    EXPECT_EQ(now->tag, pending.tag) << name;
  }
  return true;
}

void CheckRemembered(index::LiveCollection& collection, const AcknowledgedRequest& request) {
  const auto remembered = collection.Remembered(request.id, request.hash);
  ASSERT_TRUE(remembered.ok()) << remembered.status();
  ASSERT_TRUE(remembered->has_value()) << "request " << request.id << " is forgotten";
  EXPECT_EQ((*remembered)->sequence, request.sequence);
  std::vector<uint64_t> versions;
  for (const index::WriteResult& result : (*remembered)->results)
    versions.push_back(result.version);
  EXPECT_EQ(versions, request.versions) << request.id;
}

// A request is remembered exactly if its writes are there.
void CheckPendingRequest(index::LiveCollection& collection, const Pending& pending, bool applied,
                         uint64_t seed) {
  if (pending.request.empty()) return;
  const auto remembered = collection.Remembered(pending.request, seed);
  ASSERT_TRUE(remembered.ok()) << remembered.status();
  if (!remembered->has_value()) {
    EXPECT_FALSE(applied) << pending.request << " was written unknown";
    return;
  }
  const auto& results = (*remembered)->results;
  const bool accepted = std::all_of(results.begin(), results.end(),
                                    [](const auto& result) { return result.status.ok(); });
  EXPECT_EQ(accepted, applied) << pending.request << " is known by its outcome alone";
}

// Compares, and settles what was pending.
void CheckState(index::LiveCollection& collection, const State& found, Expected& expected) {
  State settled = expected.state;
  for (const auto& [thread, pending] : expected.pending) {
    if (pending.op == "snapshot" || pending.op == "drop" || pending.op == "flush" ||
        pending.op == "compact") {
      continue;
    }
    const bool applied = WasApplied(pending, found, expected.state);
    const std::string name =
        pending.op == "attach" ? ShardGroup(std::stoi(pending.name)) : pending.name;
    if (const Group* now = Find(found, name); now != nullptr) {
      settled[name] = *now;
    } else {
      settled.erase(name);
    }
    if (thread != kAdministrator) {
      CheckPendingRequest(collection, pending, applied, expected.seed);
    }
  }
  for (const auto& [name, group] : settled) {
    const Group* now = Find(found, name);
    ASSERT_NE(now, nullptr) << name << " is lost";
    EXPECT_EQ(now->content, group.content) << name;
    EXPECT_EQ(now->tag, group.tag) << name;
    EXPECT_EQ(now->versions, group.versions) << name;
  }
  EXPECT_EQ(found.size(), settled.size());
  expected.state = found;
}

// A retry is answered as the first time, and writes nothing.
void CheckRetry(index::LiveCollection& collection, const AcknowledgedRequest& request) {
  index::WriteBatch batch;
  batch.writes.push_back({index::DeleteDocument{"retried"}, {}});
  batch.request_id = request.id;
  batch.request_hash = request.hash;
  const auto result = collection.Write(batch, index::WaitFor::kSearchable);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->repeated);
  EXPECT_EQ(result->sequence, request.sequence);
}

void CheckReader(const std::string& data_dir, const State& state) {
  auto catalog = index::Catalog::Open(data_dir, index::OpenMode::kRead);
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const auto source = index::SnapshotSource::OverCatalog(*std::move(catalog));
  const auto snapshot = source->Newest(kCollection);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  const auto read = ReadState(**snapshot);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, state);
}

}  // namespace

void CheckRecovery(const std::string& data_dir, const std::string& scratch, bool flush,
                   std::mt19937_64& random, Expected& expected) {
  auto opened = index::Catalog::Open(data_dir, index::OpenMode::kWrite);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const std::shared_ptr<index::Catalog> catalog = *std::move(opened);
  ASSERT_NO_FATAL_FAILURE(SettleSnapshots(*catalog, expected));
  ASSERT_NO_FATAL_FAILURE(CheckFilesAre(*catalog, expected));

  auto store = index::LiveStore::Open(
      catalog, [](const index::CollectionRecord&) { return QuietOptions(); });
  ASSERT_TRUE(store.ok()) << store.status();
  const absl::Status recovered = (*store)->Recover();
  ASSERT_TRUE(recovered.ok()) << recovered;
  const auto collection = (*store)->Find(kCollection);
  ASSERT_TRUE(collection.ok()) << collection.status();
  const auto state = ReadState(*(*collection)->Newest());
  ASSERT_TRUE(state.ok()) << state.status();
  ASSERT_NO_FATAL_FAILURE(CheckState(**collection, *state, expected));
  for (const AcknowledgedRequest& request : expected.requests) {
    ASSERT_NO_FATAL_FAILURE(CheckRemembered(**collection, request));
  }
  if (!expected.requests.empty()) CheckRetry(**collection, expected.requests.back());
  CheckReader(data_dir, *state);
  CheckSearch(*(*collection)->Newest(), *state, random);
  CheckStatistics(*(*collection)->Newest(), *state, scratch);
  expected.pending.clear();
  if (!flush) return;

  const absl::Status flushed = random() % 2 == 0 ? (*store)->FlushAll() : (*collection)->Compact();
  ASSERT_TRUE(flushed.ok()) << flushed;
  EXPECT_TRUE(catalog->ReadLog(kCollection, 0)->empty());
  const auto published = ReadState(**catalog->Current(kCollection));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(*published, *state);
  CheckSearch(*(*collection)->Newest(), *state, random);
  store->reset();  // merges that go on leave nothing either
  CheckFilesAre(*catalog, expected);
}

void ReadBeside(const std::string& data_dir, const std::atomic<bool>& done) {
  auto catalog = index::Catalog::Open(data_dir, index::OpenMode::kRead);
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const auto source = index::SnapshotSource::OverCatalog(*std::move(catalog));
  uint64_t last = 0;
  do {
    const absl::Status refreshed = source->Refresh();
    ASSERT_TRUE(refreshed.ok()) << refreshed;
    const auto snapshot = source->Newest(kCollection);
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    EXPECT_GE((*snapshot)->sequence, last);
    last = (*snapshot)->sequence;
    const auto state = ReadState(**snapshot);
    ASSERT_TRUE(state.ok()) << state.status();
    absl::SleepFor(absl::Milliseconds(10));
  } while (!done);
}

}  // namespace foraker::crash
