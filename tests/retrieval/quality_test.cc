// What the built-in encoder's rankings are worth on judged collections: nDCG@10 through the real
// analyzer, cutter, encoder and query builder, searched exhaustively. Needs the collections of
// ../shared/data; skipped where they are absent.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "retrieval/eval/metrics.h"
#include "retrieval/eval/qrels.h"
#include "retrieval/idf.h"
#include "retrieval/query_builder.h"
#include "tests/retrieval/memory_collection.h"

namespace foraker::retrieval {
namespace {

std::string SharedData() {
  const char* shared = std::getenv("FORAKER_SHARED");
  return std::string(shared != nullptr ? shared : "../shared") + "/data/";
}

struct Floor {
  std::string collection;
  double ndcg;
};

class QualityTest : public ::testing::TestWithParam<Floor> {};

TEST_P(QualityTest, Bm25IsAtLeastAsGoodAsItShouldBe) {
  const std::string folder = SharedData() + GetParam().collection;
  const auto corpus = ReadCorpus(folder + "/corpus.jsonl");
  const auto queries = ReadQueries(folder + "/queries.jsonl");
  const auto qrels = ReadQrels(folder + "/qrels.tsv");
  if (!corpus.ok() || !queries.ok() || !qrels.ok()) GTEST_SKIP() << folder << " is not there";
  const auto collection = MemoryCollection::Encode(*corpus, {});
  ASSERT_TRUE(collection.ok()) << collection.status();
  const IdfTable idf(collection->Statistics(), collection->settings());
  const auto builder = QueryBuilder::Create(collection->settings());
  ASSERT_TRUE(builder.ok()) << builder.status();
  retrieval::Run run;
  for (const CorpusQuery& query : *queries) {
    const auto built = (*builder)->FromText({query.text, {}, {}}, idf);
    ASSERT_TRUE(built.ok()) << built.status();
    run[query.id] = collection->Search(built->vector, 100);
  }
  const Metrics mean = Evaluate(run, *qrels).mean;
  RecordProperty("nDCG@10", std::to_string(mean.ndcg_10));
  EXPECT_GE(mean.ndcg_10, GetParam().ndcg);
}

INSTANTIATE_TEST_SUITE_P(Collections, QualityTest,
                         ::testing::Values(Floor{"scifact", 0.685}, Floor{"cranfield", 0.350},
                                           Floor{"nfcorpus-test", 0.330}),
                         [](const auto& test) {
                           std::string name = test.param.collection;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace foraker::retrieval
