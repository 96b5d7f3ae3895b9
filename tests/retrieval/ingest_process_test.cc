// Batch builds in processes of their own: killed at any instant, and with little memory.
//
// The child is this program again: with FORAKER_TEST_BUILD set, the test below runs a build and the
// others are filtered out.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "tests/retrieval/ingest_inputs.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

constexpr char kChildVariable[] = "FORAKER_TEST_BUILD";  // "DATA DIRECTORY|INPUT|THREADS|ENCODER"
constexpr char kPeakFile[] = "peak";                     // beside the data: anonymous bytes at most

// The memory of this process that is not a mapped file. The kernel keeps no high-water mark of it.
uint64_t AnonymousBytes() {
  const std::string status = base::ReadFile("/proc/self/status").value_or("");
  const size_t place = status.find("RssAnon:");
  if (place == std::string::npos) return 0;
  return std::strtoull(status.c_str() + place + 8, nullptr, 10) << 10;
}

TEST(IngestChild, RunsTheBuildThatItsEnvironmentDescribes) {
  const char* described = std::getenv(kChildVariable);
  if (described == nullptr) GTEST_SKIP() << "only runs in child processes of other tests";
  const std::vector<std::string> parts = absl::StrSplit(described, '|');
  ASSERT_EQ(parts.size(), 4u);
  BatchBuildOptions options =
      parts[3] == "bm25" ? BuildOf({parts[1]}) : NeuralBuildOf({parts[1]}, parts[3]);
  options.threads = static_cast<uint32_t>(std::atoi(parts[2].c_str()));
  std::atomic<bool> done = false;
  uint64_t peak = 0;
  std::thread sampler([&] {
    for (; !done; absl::SleepFor(absl::Milliseconds(5))) peak = std::max(peak, AnonymousBytes());
  });
  const auto built = Build(parts[0], options);
  done = true;
  sampler.join();
  ASSERT_TRUE(built.ok()) << built.status();
  ASSERT_TRUE(base::WriteFile(absl::StrCat(parts[0], "/", kPeakFile), absl::StrCat(peak)).ok());
}

// Starts the child; its output goes nowhere.
pid_t StartBuild(const std::string& dir, const std::string& input, uint32_t threads,
                 const std::string& encoder) {
  const std::string variable =
      absl::StrCat(kChildVariable, "=", dir, "|", input, "|", threads, "|", encoder);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  const char* argv[] = {"child", "--gtest_filter=IngestChild.*", nullptr};
  const char* envp[] = {variable.c_str(), nullptr};
  execve("/proc/self/exe", const_cast<char* const*>(argv), const_cast<char* const*>(envp));
  _exit(127);
}

// Whether the child ended well by itself.
bool Await(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Builds of `input`, killed at random instants `kills` times in all, and ended then.
void KillBuilds(const IngestDirectory& tmp, const std::string& input, const std::string& encoder,
                int kills, std::mt19937_64& random) {
  const absl::Time start = absl::Now();
  ASSERT_TRUE(Await(StartBuild(tmp.Path("unbroken"), input, 2, encoder)));
  const absl::Duration whole = absl::Now() - start;
  const auto expected = Published(tmp.Path("unbroken"));
  EXPECT_GT(expected.size(), 4u);  // the record, a table and several segments

  int killed = 0;
  int rounds = 0;
  while (killed < kills) {
    const std::string dir = tmp.Path(absl::StrCat("killed-", rounds++));
    bool done = false;
    for (int run = 0; run < 4 && !done; ++run) {
      const pid_t pid = StartBuild(dir, input, 1 + random() % 3, encoder);
      absl::SleepFor(whole * (static_cast<double>(random() % 1000) / 1000.0));
      kill(pid, SIGKILL);
      done = Await(pid);
      if (!done) ++killed;
    }
    EXPECT_TRUE(done || Await(StartBuild(dir, input, 2, encoder)));
    ASSERT_TRUE(Published(dir) == expected) << "after " << killed << " kills";
  }
}

TEST(KilledBuildTest, TwentyKillsAtAnyInstantLeaveNoTraceInTheFiles) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const IngestDirectory tmp;
  const std::string input = tmp.WriteGzip(
      "in.gz", RandomLines(seed, {.lines = 25'000, .distinct_ids = 12'000, .words = 40}));
  KillBuilds(tmp, input, "bm25", 20, random);
}

TEST(KilledBuildTest, KillsLeaveNoTraceInTheFilesOfANeuralBuild) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const IngestDirectory tmp;
  const std::string input = tmp.WriteGzip("in.gz", ModelLines(seed, 8'000, 40));
  KillBuilds(tmp, input, ModelDirectory(), 6, random);
}

// Anonymous bytes at most, of a build with the least memory.
uint64_t PeakOf(const IngestDirectory& tmp, const std::string& name, const std::string& lines,
                const std::string& encoder) {
  const std::string input = tmp.WriteGzip(name + ".gz", lines);
  EXPECT_TRUE(Await(StartBuild(tmp.Path(name), input, 2, encoder)));
  const auto peak = base::ReadFile(absl::StrCat(tmp.Path(name), "/", kPeakFile));
  return std::strtoull(peak.value_or("0").c_str(), nullptr, 10);
}

TEST(BoundedBuildTest, ABuildLargerThanItsMemoryStaysBelowIt) {
  const IngestDirectory tmp;
  // Some 45 MB of lines; their vectors alone take twice the 16 MiB that the build may have.
  const uint64_t large =
      PeakOf(tmp, "large", RandomLines(7, {.lines = 100'000, .distinct_ids = 100'000}), "bm25");
  EXPECT_GT(Published(tmp.Path("large")).size(), 5u);
  // The small build shows what the process takes by itself.
  const uint64_t small =
      PeakOf(tmp, "small", RandomLines(7, {.lines = 100, .distinct_ids = 100}), "bm25");
  EXPECT_LT(large, small + (uint64_t{24} << 20)) << "small build " << small;
  RecordProperty("peak_small_mib", static_cast<int>(small >> 20));
  RecordProperty("peak_large_mib", static_cast<int>(large >> 20));
}

TEST(BoundedBuildTest, ANeuralBuildStaysBelowItsMemoryToo) {
  const IngestDirectory tmp;
  const uint64_t large = PeakOf(tmp, "large", ModelLines(8, 15'000, 40), ModelDirectory());
  EXPECT_GT(Published(tmp.Path("large")).size(), 5u);
  const uint64_t small = PeakOf(tmp, "small", ModelLines(8, 100, 40), ModelDirectory());
  EXPECT_LT(large, small + (uint64_t{24} << 20)) << "small build " << small;
  RecordProperty("peak_small_mib", static_cast<int>(small >> 20));
  RecordProperty("peak_large_mib", static_cast<int>(large >> 20));
}

}  // namespace
}  // namespace foraker::retrieval
