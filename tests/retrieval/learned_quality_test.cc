// What learned terms are worth on a judged collection, through the real build and the real search:
// cranfield with the encoder of ../shared/models alone (no stems, whole documents of at most 256
// tokens, the encoder's own table), against figures that were measured with the reference
// implementation. Skipped where ../shared is not there.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/store/catalog.h"
#include "retrieval/eval/metrics.h"
#include "retrieval/eval/qrels.h"
#include "retrieval/ingest/batch_build.h"
#include "retrieval/local_searcher.h"
#include "tests/retrieval/memory_collection.h"
#include "tests/support/temporary_directory.h"

namespace foraker::retrieval {
namespace {

constexpr double kTolerance = 0.003;

class LearnedQualityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("FORAKER_SHARED");
    const std::string shared = given != nullptr ? given : "../shared";
    folder_ = shared + "/data/cranfield";
    encoder_ = shared + "/models/splade-tiny";
    idf_ = shared + "/models/idf/idf.json";
    for (const std::string& path : {folder_, encoder_, idf_}) {
      std::error_code error;
      if (!std::filesystem::exists(path, error)) GTEST_SKIP() << path << " is not there";
    }
    Build();
  }

  void Build() {
    auto catalog = index::Catalog::Open(directory_.path(), index::OpenMode::kWrite);
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    BatchBuildOptions options;
    options.collection = "cranfield";
    options.inputs = {folder_ + "/corpus.jsonl"};
    options.adjust_settings = [&](CollectionSettings& settings) {
      settings.document.encoder = encoder_;
      settings.document.encoder_idf = idf_;
      settings.document.precision = EncoderPrecision::kF32;
      settings.document.stems = false;
      settings.document.passage_tokens = 0;
      settings.document.max_encoder_tokens = 256;
      settings.query.idf_source = IdfSource::kEncoder;
    };
    const auto built = RunBatchBuild(**catalog, options);
    ASSERT_TRUE(built.ok()) << built.status();
    auto searcher = LocalSearcher::Open(std::shared_ptr<index::Catalog>(*std::move(catalog)));
    ASSERT_TRUE(searcher.ok()) << searcher.status();
    searcher_ = *std::move(searcher);
  }

  double Ndcg(std::optional<QueryEncoding> encoding) {
    const auto queries = ReadQueries(folder_ + "/queries.jsonl");
    const auto qrels = ReadQrels(folder_ + "/qrels.tsv");
    EXPECT_TRUE(queries.ok() && qrels.ok());
    retrieval::Run run;
    for (const CorpusQuery& query : *queries) {
      SearchRequest request;
      request.collection = "cranfield";
      request.k = 100;
      request.with_text = false;
      TextQuery text{query.text, {}, {}};
      text.encoding = encoding;
      request.query = std::move(text);
      const auto result = searcher_->Search(request);
      EXPECT_TRUE(result.ok()) << result.status();
      if (!result.ok()) return 0;
      Ranking& ranking = run[query.id];
      for (const SearchHit& hit : result->hits) ranking.push_back({hit.document.id, hit.score});
    }
    return Evaluate(run, *qrels).mean.ndcg_10;
  }

  const TemporaryDirectory directory_;
  std::string folder_, encoder_, idf_;
  std::unique_ptr<LocalSearcher> searcher_;
};

TEST_F(LearnedQualityTest, BothEncodingsOfAQueryRankAsTheReferenceDoes) {
  EXPECT_NEAR(Ndcg(std::nullopt), 0.348, kTolerance);
  EXPECT_NEAR(Ndcg(QueryEncoding::kEncoder), 0.363, kTolerance);
}

}  // namespace
}  // namespace foraker::retrieval
