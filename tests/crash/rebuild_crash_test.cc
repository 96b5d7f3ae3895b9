// kill -9 of a rebuild, at each of its writes to the catalog's log in turn: the alias names the old
// collection or the new one, whole, and the same rebuild asked for again succeeds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "index/collection/live_store.h"
#include "index/store/catalog.h"
#include "retrieval/local_administrator.h"
#include "retrieval/local_searcher.h"
#include "retrieval/local_writer.h"
#include "tests/crash/workload.h"
#include "tests/faults/fault_rules.h"
#include "tests/support/temporary_directory.h"

namespace foraker::crash {
namespace {

using ::testing::ElementsAre;

constexpr int kDocuments = 40;
constexpr int kMostCalls = 1000;

class RebuildCrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto store = Open();
    const auto administrator = retrieval::MakeLocalAdministrator(store, {});
    retrieval::CreateRequest create;
    create.collection = "old";
    ASSERT_TRUE(administrator->CreateCollection(create).ok());
    ASSERT_TRUE(administrator->SetAlias("current", "old").ok());
    retrieval::WriteRequest write;
    write.collection = "old";
    for (int i = 0; i < kDocuments; ++i) {
      retrieval::PutRequest put;
      put.id = absl::StrCat("d", i);
      put.text = absl::StrCat("whale number ", i);
      write.writes.push_back({std::move(put), {}});
    }
    const auto reply = retrieval::MakeLocalWriter(store, {})->Write(write);
    ASSERT_TRUE(reply.ok()) << reply.status();
  }

  std::shared_ptr<index::LiveStore> Open() {
    auto catalog = index::Catalog::Open(data_.path(), index::OpenMode::kWrite);
    EXPECT_TRUE(catalog.ok()) << catalog.status();
    auto store = index::LiveStore::Open(*std::move(catalog), [](const auto&) {
      return absl::StatusOr<index::LiveOptions>(QuietOptions());
    });
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  // Whether it was killed.
  bool Rebuild(const std::string& rules) {
    faults_.Set(rules);
    const int status =
        std::system(absl::StrCat(FORAKER_CRASH_REBUILD, " ", data_.path(), " current new").c_str());
    faults_.Clear();
    const bool killed = (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
                        (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL);
    EXPECT_TRUE(killed || status == 0) << status;
    return killed;
  }

  // What is there after a kill; the collections by name.
  std::vector<std::string> Check() {
    const auto store = Open();
    EXPECT_TRUE(store->Recover().ok());
    auto searcher = retrieval::LocalSearcher::Open(store->catalog(), store, {});
    EXPECT_TRUE(searcher.ok()) << searcher.status();
    const auto infos = store->catalog()->List();
    EXPECT_TRUE(infos.ok()) << infos.status();
    std::vector<std::string> names;
    for (const index::CollectionInfo& info : *infos) {
      names.push_back(info.record.name);
      EXPECT_EQ((*searcher)->Describe(info.record.name)->documents, kDocuments) << info.record.name;
    }
    current_ = *store->catalog()->Resolve("current");
    return names;
  }

  const TemporaryDirectory data_;
  FaultRules faults_{FaultsFile()};
  std::string current_;  // what the alias named at the last Check
};

TEST_F(RebuildCrashTest, AKilledRebuildIsDoneAgainWhereverItStopped) {
  bool half = false;  // the new collection was there and the alias had not moved
  int kills = 0;
  for (; kills < kMostCalls; ++kills) {
    SCOPED_TRACE(absl::StrCat("kill ", kills));
    if (!Rebuild(absl::StrCat("write,sync kill path=.log after=", kills))) break;
    const std::vector<std::string> names = Check();
    ASSERT_FALSE(HasFailure()) << absl::StrJoin(names, ", ");
    if (current_ == "new") break;
    half = half || names.size() == 2;
  }
  EXPECT_GT(kills, 3);
  EXPECT_TRUE(half);
  if (current_ != "new") {
    EXPECT_THAT(Check(), ElementsAre("new", "old"));
  }
  EXPECT_EQ(current_, "new");
}

}  // namespace
}  // namespace foraker::crash
