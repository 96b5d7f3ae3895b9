// A program that writes to a live collection until it is killed: crash_writer DIR SHARDS SEED.
//
// On descriptor 3 it says what it is about to do and, before it goes on, what came of it; a line
// each, the first word the thread:
//
//   THREAD begin OP GROUP CONTENT TAG REQUEST      OP: put, delete, update; REQUEST: id or "-"
//   THREAD done SEQUENCE VERSION...                accepted; a version a member, 0 after a delete
//   THREAD refused                                 nothing was written
//   9 begin attach SHARD | snapshot NAME | drop NAME | flush | compact
//   9 done [FINGERPRINT]                           of the snapshot
//   9 refused
//
// It ends with code 2 and a message when anything answers as it must not.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "index/collection/live_store.h"
#include "index/store/catalog.h"
#include "retrieval/ingest/generation_builder.h"
#include "tests/crash/workload.h"

namespace foraker::crash {
namespace {

constexpr int kPipe = 3;

[[noreturn]] void Fail(std::string_view what) {
  const std::string line = absl::StrCat("crash_writer: ", base::ToAbsl(what), "\n");
  std::fputs(line.c_str(), stderr);
  _exit(2);
}

void Check(const absl::Status& status, std::string_view what) {
  if (!status.ok()) Fail(absl::StrCat(base::ToAbsl(what), ": ", status.ToString()));
}

// A line is shorter than what a pipe takes at once.
void Say(int thread, const std::string& what) {
  const std::string line = absl::StrCat(thread, " ", what, "\n");
  if (write(kPipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(0);
}

// What a thread writes to its groups.
class Writer {
 public:
  Writer(int number, uint64_t seed, std::shared_ptr<index::LiveCollection> collection, State state)
      : number_(number),
        random_(seed * 1000 + static_cast<uint64_t>(number)),
        run_(seed),
        collection_(std::move(collection)),
        state_(std::move(state)) {}

  [[noreturn]] void Run() {
    while (true) Step();
  }

 private:
  void Step() {
    const std::string name = GroupName(number_, static_cast<int>(random_() % kGroupsAWriter));
    const auto there = state_.find(name);
    const bool exists = there != state_.end();
    Group next = exists ? there->second : Group{};
    const uint64_t kind = random_() % 10;
    const char* op = kind < 6 ? "put" : kind < 8 ? "update" : "delete";
    if (kind < 6) next.content = ++counter_ + run_ * 1'000'000;
    if (kind < 8) next.tag = static_cast<int64_t>(random_() % 1'000'000);
    // Conditions: none, one that holds, one that does not.
    const uint64_t condition = random_() % 4;
    index::WriteBatch batch;
    const std::vector<std::string> ids = Members(name);
    for (size_t i = 0; i < ids.size(); ++i) {
      index::Write& write = batch.writes.emplace_back();
      if (kind < 6) {
        write.change = index::PutDocument{MakeDocument(ids[i], next.content, next.tag), {}};
      } else if (kind < 8) {
        write.change = index::UpdateFields{ids[i], {{"tag", {next.tag}}}, {}};
      } else {
        write.change = index::DeleteDocument{ids[i]};
      }
      const uint64_t version = exists ? there->second.versions[i] : 0;
      if (condition == 2) write.if_version = version;
      if (condition == 3) write.if_version = version + 1;
    }
    if (random_() % 2 == 0) {
      batch.request_id = absl::StrCat("r", run_, "-", number_, "-", counter_++);
      batch.request_hash = run_;
    }
    Say(number_, absl::StrCat("begin ", op, " ", name, " ", next.content, " ", next.tag, " ",
                              batch.request_id.empty() ? "-" : batch.request_id));
    const bool accepted = condition != 3 && (kind < 6 || exists);
    Commit(batch, name, kind >= 8, accepted, next);
  }

  void Commit(const index::WriteBatch& batch, const std::string& name, bool deletes, bool accepted,
              Group next) {
    const auto wait = random_() % 2 == 0 ? index::WaitFor::kLog : index::WaitFor::kSearchable;
    absl::StatusOr<index::BatchResult> result = collection_->Write(batch, wait);
    while (absl::IsResourceExhausted(result.status())) {
      absl::SleepFor(absl::Milliseconds(2));
      result = collection_->Write(batch, wait);
    }
    Check(result.status(), "write");
    if (result->repeated) Fail("a request that was never made is known");
    std::string line = absl::StrCat("done ", result->sequence);
    next.versions.clear();
    for (const index::WriteResult& write : result->results) {
      if (write.status.ok() != accepted) {
        Fail(absl::StrCat(name, ": expected ", accepted, ", got ", write.status.ToString()));
      }
      next.versions.push_back(write.version);
      absl::StrAppend(&line, " ", write.version);
    }
    Say(number_, accepted ? line : "refused");
    if (!accepted) return;
    if (deletes) {
      state_.erase(name);
    } else {
      state_[name] = std::move(next);
    }
  }

  const int number_;
  std::mt19937_64 random_;
  const uint64_t run_;
  uint64_t counter_ = 0;
  const std::shared_ptr<index::LiveCollection> collection_;
  State state_;
};

absl::Status Attach(index::Catalog& catalog, const std::string& file) {
  ASSIGN_OR_RETURN(retrieval::GenerationBuilder builder,
                   retrieval::GenerationBuilder::Start(catalog, kCollection));
  RETURN_IF_ERROR(builder.AddSegment(file, nullptr));
  RETURN_IF_ERROR(builder.Complete(/*with_statistics=*/true, size_t{16} << 20).status());
  return builder.Publish();
}

class Administrator {
 public:
  Administrator(uint64_t seed, std::string shards, index::Catalog& catalog,
                std::shared_ptr<index::LiveCollection> collection)
      : random_(seed),
        run_(seed),
        shards_(std::move(shards)),
        catalog_(catalog),
        collection_(std::move(collection)) {}

  [[noreturn]] void Run() {
    while (true) {
      Step();
      absl::SleepFor(absl::Milliseconds(random_() % 20));
    }
  }

 private:
  void Step() {
    switch (random_() % 6) {
      case 0: {
        const int shard = static_cast<int>(random_() % kShards);
        Say(kAdministrator, absl::StrCat("begin attach ", shard));
        return End(
            collection_->Exclusively([&] { return Attach(catalog_, ShardFile(shards_, shard)); }));
      }
      case 1:
      case 2:
        Say(kAdministrator, "begin flush");
        return End(collection_->Flush());
      case 3:
        Say(kAdministrator, "begin compact");
        return End(collection_->Compact());
      case 4: {
        last_snapshot_ = absl::StrCat("s", run_, "-", ++counter_);
        Say(kAdministrator, absl::StrCat("begin snapshot ", last_snapshot_));
        return End(collection_->Exclusively(
                       [&] { return catalog_.CreateSnapshot(kCollection, last_snapshot_); }),
                   true);
      }
      default: {
        if (last_snapshot_.empty()) return;
        Say(kAdministrator, absl::StrCat("begin drop ", last_snapshot_));
        const std::string name = std::exchange(last_snapshot_, "");
        return End(catalog_.DropSnapshot(kCollection, name));
      }
    }
  }

  void End(const absl::Status& status, bool snapshot = false) {
    Check(status, "administration");
    if (!snapshot) return Say(kAdministrator, "done");
    const auto named = catalog_.Named(kCollection, last_snapshot_);
    Check(named.status(), "snapshot");
    const auto state = ReadState(**named);
    Check(state.status(), "snapshot");
    Say(kAdministrator, absl::StrCat("done ", Fingerprint(*state)));
  }

  std::mt19937_64 random_;
  const uint64_t run_;
  uint64_t counter_ = 0;
  const std::string shards_;
  index::Catalog& catalog_;
  const std::shared_ptr<index::LiveCollection> collection_;
  std::string last_snapshot_;
};

[[noreturn]] void Run(const std::string& dir, const std::string& shards, uint64_t seed) {
  auto opened = index::Catalog::Open(dir, index::OpenMode::kWrite);
  Check(opened.status(), "open");
  const std::shared_ptr<index::Catalog> catalog = *std::move(opened);
  auto store =
      index::LiveStore::Open(catalog, [](const index::CollectionRecord&) { return BusyOptions(); });
  Check(store.status(), "open");
  Check((*store)->Recover(), "recover");
  const auto collection = (*store)->Find(kCollection);
  Check(collection.status(), "find");
  const auto state = ReadState(*(*collection)->Newest());
  Check(state.status(), "state");

  std::vector<std::thread> threads;
  for (int number = 0; number < kWriters; ++number) {
    threads.emplace_back([&, number] { Writer(number, seed, *collection, *state).Run(); });
  }
  Administrator(seed, shards, *catalog, *collection).Run();
}

}  // namespace
}  // namespace foraker::crash

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  foraker::crash::Run(argv[1], argv[2], std::strtoull(argv[3], nullptr, 10));
}
