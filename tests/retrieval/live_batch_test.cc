// A collection that was written to document by document is the batch build of what it ends up
// with: same hits, same score bits.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/retrieval/live_directory.h"
#include "tests/retrieval/model_fixtures.h"

namespace foraker::retrieval {
namespace {

struct Written {
  std::string title, text;
  int64_t year = 0;
};
using Model = std::map<std::string, Written>;

class RandomWriter {
 public:
  RandomWriter(uint64_t seed, LiveDirectory& live) : random_(seed), live_(live) {}

  size_t Below(size_t bound) { return random_() % bound; }

  std::string Words(size_t count) {
    static constexpr const char* kWords[] = {"about", "animal", "bank", "bear", "bird",   "blue",
                                             "boat",  "the",    "and",  "run",  "unheard"};
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      absl::StrAppend(&text, kWords[Below(std::size(kWords))], i % 7 == 6 ? ". " : " ");
    }
    return text;
  }

  // Between one and `most` writes in one request.
  void Step(size_t most) {
    std::vector<DocumentWrite> writes;
    for (size_t i = 0, count = 1 + Below(most); i < count; ++i) {
      const std::string id = absl::StrCat("d", Below(60));
      const bool known = model_.contains(id);
      if (known && Below(5) == 0) {
        writes.push_back(Delete(id));
        model_.erase(id);
      } else if (known && Below(3) == 0) {
        model_[id].year = static_cast<int64_t>(Below(100));
        writes.push_back(SetField(id, "year", model_[id].year));
      } else {
        Written& written = model_[id];
        written = {Words(2), Words(Below(60)), static_cast<int64_t>(Below(100))};
        writes.push_back(Put(id, written.text, {{"year", {written.year}}}, written.title));
      }
    }
    const WriteWait wait = Below(2) == 0 ? WriteWait::kLog : WriteWait::kSearchable;
    for (const WriteOutcome& outcome : live_.Write("live", std::move(writes), wait).outcomes) {
      EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    }
    if (Below(10) == 0) {
      EXPECT_TRUE(live_.admin().Flush("live").ok());
    }
    if (Below(30) == 0) {
      EXPECT_TRUE(live_.admin().Compact("live").ok());
    }
    if (Below(40) == 0) live_.Reopen();
  }

  std::string Lines() const {
    std::string lines;
    for (const auto& [id, written] : model_) {
      absl::StrAppendFormat(&lines,
                            R"({"_id": "%s", "title": "%s", "text": "%s", "year": %d})"
                            "\n",
                            id, written.title, written.text, written.year);
    }
    return lines;
  }

 private:
  std::mt19937_64 random_;
  LiveDirectory& live_;
  Model model_;
};

using HitName = std::tuple<std::string, uint32_t, uint32_t>;

std::vector<HitName> Hits(LocalSearcher& searcher, const std::string& collection,
                          const std::string& text) {
  SearchRequest request;
  request.collection = collection;
  request.query = TextQuery{.text = text, .stem_weight = {}, .title_weight = {}};
  request.k = 100;
  const auto found = searcher.Search(request);
  EXPECT_TRUE(found.ok()) << found.status();
  std::vector<HitName> hits;
  if (!found.ok()) return hits;
  for (const SearchHit& hit : found->hits) {
    hits.emplace_back(hit.document.id, std::bit_cast<uint32_t>(hit.score), hit.passage);
  }
  return hits;
}

void ExpectLiveAsBatch(const std::string& encoder, size_t requests, uint64_t seed) {
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  // Small limits, so that the background flushes and merges too.
  LiveDirectory live({.flush_bytes = 64 << 10, .merge_factor = 3});
  CreateRequest create;
  create.collection = "live";
  create.encoder = encoder;
  create.settings = {{"document.passage_tokens", "24"}, {"document.reference_length", "9"}};
  if (encoder != "bm25") create.settings.emplace_back("document.precision", "f32");
  const absl::Status created = live.admin().CreateCollection(create);
  ASSERT_TRUE(created.ok()) << created;
  RandomWriter writer(seed, live);
  for (size_t i = 0; i < requests; ++i) writer.Step(8);
  ASSERT_TRUE(live.admin().PublishIdf("live").ok());

  BatchBuildOptions options = NeuralBuildOf({live.files().Write("in", writer.Lines())}, encoder);
  options.adjust_settings = [&](CollectionSettings& settings) {
    settings.document.encoder = encoder;
    settings.document.passage_tokens = 24;
    settings.document.reference_length = 9;
    if (encoder != "bm25") settings.document.precision = EncoderPrecision::kF32;
  };
  const std::string batch_dir = live.files().Path("batch");
  const auto built = Build(batch_dir, options);
  ASSERT_TRUE(built.ok()) << built.status();
  const auto batch = LocalSearcher::Open(std::shared_ptr<index::Catalog>(OpenToWrite(batch_dir)));
  ASSERT_TRUE(batch.ok()) << batch.status();

  EXPECT_EQ(live.Describe("live").documents, built->documents);
  EXPECT_EQ(live.Describe("live").passages, built->passages);
  for (int round = 0; round < 20; ++round) {
    const std::string query = writer.Words(1 + writer.Below(5));
    const std::vector<HitName> expected = Hits(**batch, "c", query);
    EXPECT_EQ(Hits(live.searcher(), "live", query), expected) << query;
  }
}

TEST(LiveBatchTest, StemsWrittenOneByOneAreThoseOfABatchBuild) {
  ExpectLiveAsBatch("bm25", 150, std::random_device()());
}

TEST(LiveBatchTest, LearnedTermsWrittenOneByOneAreThoseOfABatchBuild) {
  ExpectLiveAsBatch(ModelDirectory(), 60, std::random_device()());
}

}  // namespace
}  // namespace foraker::retrieval
