// kill -9 at any instant: a program that writes, flushes, merges, attaches, compacts and makes
// snapshots is killed again and again, by the clock and inside chosen system calls, and its data
// directory looked at after each time.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/crash/recovery_check.h"
#include "tests/crash/workload.h"
#include "tests/crash/writer_process.h"
#include "tests/support/temporary_directory.h"

namespace foraker::crash {
namespace {

constexpr int kKillsADirectory = 25;

int Kills() {
  const char* kills = std::getenv("FORAKER_CRASH_KILLS");
  return kills == nullptr ? 200 : std::atoi(kills);
}

template <typename T, size_t N>
const T& OneOf(const T (&choices)[N], std::mt19937_64& random) {
  return choices[random() % N];
}

// A rule that kills inside some call on some kind of file, now after few of them, now after many.
std::string AimedRule(std::mt19937_64& random) {
  static constexpr const char* kCalls[] = {"write", "sync", "rename", "unlink", "open", "all"};
  static constexpr const char* kFiles[] = {".seg", ".seg", ".idf",     "/catalog/",    ".log",
                                           ".sst", "/",    "MANIFEST", "/collections/"};
  static constexpr const char* kLinks[] = {".seg", "/snapshots/"};
  static constexpr const char* kWays[] = {"kill", "after_kill", "torn"};
  const uint64_t most = uint64_t{1} << (random() % 7);
  if (random() % 6 == 0) {
    return absl::StrCat("link ", OneOf(kWays, random), " path=", OneOf(kLinks, random),
                        " after=", random() % 3);
  }
  return absl::StrCat(OneOf(kCalls, random), " ", OneOf(kWays, random),
                      " path=", OneOf(kFiles, random), " after=", random() % most);
}

// "write torn .../00000007.seg.tmp" -> "write of segment"
std::string Where(const std::string& report) {
  const std::string call = report.substr(0, report.find(' '));
  static constexpr std::pair<const char*, const char*> kKinds[] = {
      {"/snapshots/", "snapshot"}, {".seg", "segment"},    {".idf", "statistics"}, {".log", "log"},
      {".sst", "log table"},       {"/catalog", "catalog"}};
  for (const auto& [part, kind] : kKinds) {
    if (report.find(part) != std::string::npos) return absl::StrCat(call, " of ", kind);
  }
  return absl::StrCat(call, " of other");
}

class Tally {
 public:
  void Count(const KilledRun& run, const Expected& expected) {
    ++counts_[run.by_fault ? Where(run.report) : "by the clock"];
    for (const auto& [thread, pending] : expected.pending) {
      ++counts_[absl::StrCat("  while under way: ", pending.op)];
    }
  }
  void Print() const {
    for (const auto& [what, count] : counts_) std::printf("%6d  %s\n", count, what.c_str());
  }

 private:
  std::map<std::string, int> counts_;
};

TEST(CrashTest, AKilledWriterLosesNothingAcknowledgedAndShowsNothingHalf) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory scratch;
  const std::string shards = scratch.File("shards");
  ASSERT_TRUE(WriteShards(shards).ok());
  Tally tally;
  uint64_t acknowledged = 0;
  std::unique_ptr<TemporaryDirectory> data;
  Expected expected;
  for (int kill = 0; kill < Kills() && !::testing::Test::HasFailure(); ++kill) {
    if (kill % kKillsADirectory == 0) {
      acknowledged += expected.acknowledged;
      expected = {};
      data = std::make_unique<TemporaryDirectory>();
      ASSERT_TRUE(MakeCollection(data->path()).ok());
    }
    const std::string rule = random() % 2 == 0 ? AimedRule(random) : "";
    SCOPED_TRACE(absl::StrCat("kill ", kill, " ", rule));
    std::atomic<bool> done = false;
    std::thread reader;
    if (random() % 4 == 0) reader = std::thread([&] { ReadBeside(data->path(), done); });
    const auto run =
        RunUntilKilled(data->path(), shards, scratch.path(), static_cast<uint64_t>(kill + 1), rule,
                       absl::Milliseconds(rule.empty() ? 1 + random() % 250 : 400), expected);
    done = true;
    if (reader.joinable()) reader.join();
    ASSERT_TRUE(run.ok()) << run.status();
    tally.Count(*run, expected);
    CheckRecovery(data->path(), scratch.path(), random() % 3 == 0, random, expected);
  }
  std::printf("seed %llu, %llu writes acknowledged; killed\n",
              static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(acknowledged + expected.acknowledged));
  tally.Print();
}

}  // namespace
}  // namespace foraker::crash
