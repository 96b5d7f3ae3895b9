#include "agent/llm/sse_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace foraker::agent {
namespace {

using testing::ElementsAre;

// Feeds `bytes` cut at the given places.
std::vector<std::string> Read(std::string_view bytes, const std::vector<size_t>& cuts = {}) {
  std::vector<std::string> events;
  SseReader reader([&](std::string_view data) {
    events.emplace_back(data);
    return absl::OkStatus();
  });
  size_t begin = 0;
  for (const size_t cut : cuts) {
    EXPECT_TRUE(reader.Feed(bytes.substr(begin, cut - begin)).ok());
    begin = cut;
  }
  EXPECT_TRUE(reader.Feed(bytes.substr(begin)).ok());
  return events;
}

TEST(SseReaderTest, GivesTheDataOfEachEvent) {
  EXPECT_THAT(Read("data: one\n\ndata:two\n\n"), ElementsAre("one", "two"));
}

TEST(SseReaderTest, JoinsTheLinesOfAnEvent) {
  EXPECT_THAT(Read("data: one\ndata:  two\ndata\n\n"), ElementsAre("one\n two\n"));
}

TEST(SseReaderTest, PassesOverCommentsAndOtherFields) {
  EXPECT_THAT(Read(": keep alive\n\nevent: x\nid: 7\ndatum: no\ndata: one\nretry: 5\n\n"),
              ElementsAre("one"));
}

TEST(SseReaderTest, TakesEveryEndOfLine) {
  EXPECT_THAT(Read("data: one\r\n\r\ndata: two\r\rdata: three\n\n"),
              ElementsAre("one", "two", "three"));
}

TEST(SseReaderTest, PassesOverAByteOrderMark) {
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "data: one\n\n"),
              ElementsAre("one"));
}

TEST(SseReaderTest, DropsAnEventThatHasNoEnd) {
  EXPECT_THAT(Read("data: one\n\ndata: two\n"), ElementsAre("one"));
}

TEST(SseReaderTest, ReadsTheSameHoweverTheBytesAreCut) {
  const std::string bytes =
      "\xEF\xBB\xBF: hi\r\n\r\ndata: one\r\ndata: zwei\r\n\r\ndata:\xC3\xB6\n\n\rdata: x\r\r\n";
  const std::vector<std::string> whole = Read(bytes);
  ASSERT_EQ(whole.size(), 3u);
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    std::vector<size_t> cuts(random() % bytes.size());
    for (size_t& cut : cuts) cut = random() % (bytes.size() + 1);
    std::sort(cuts.begin(), cuts.end());
    EXPECT_EQ(Read(bytes, cuts), whole) << "seed " << seed << ", round " << i;
  }
}

TEST(SseReaderTest, BoundsAnEvent) {
  SseReader reader([](std::string_view) { return absl::OkStatus(); });
  absl::Status status;
  for (size_t i = 0; i <= SseReader::kMaxEventBytes / 1000 && status.ok(); ++i) {
    status = reader.Feed(std::string(1000, 'x'));
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
}

TEST(SseReaderTest, EndsWithTheErrorOfItsCaller) {
  SseReader reader([](std::string_view) { return absl::DataLossError("no"); });
  EXPECT_EQ(reader.Feed("data: one\n\n").message(), "no");
}

}  // namespace
}  // namespace foraker::agent
