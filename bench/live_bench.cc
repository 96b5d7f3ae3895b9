// What small commits cost: searches over a buffer of many memory segments beside one, and writes of
// single documents and batches, with and without a sync, from one thread and from many.
//
//   live_bench [--benchmark_filter=...]
//
// Random vectors: 60 terms a document out of 30,000, frequent ones more often; queries of 6 terms.

#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/collection/collection_head.h"
#include "index/collection/live_store.h"
#include "index/query/top_k.h"

namespace foraker::index {
namespace {

constexpr size_t kVocabulary = 30'000;
constexpr size_t kDocuments = 20'000;

TermKey RandomTerm(std::mt19937_64& random) {
  const double uniform = static_cast<double>(random() >> 11) * 0x1p-53;
  const auto rank = static_cast<uint64_t>(std::pow(static_cast<double>(kVocabulary), uniform));
  return NumberedTermKey(TermNamespace::kStem, rank * 0x9e3779b97f4a7u);
}

PutDocument RandomDocument(std::mt19937_64& random, uint64_t number) {
  std::map<TermKey, float> terms;
  for (int i = 0; i < 60; ++i)
    terms[RandomTerm(random)] = .1f * static_cast<float>(1 + random() % 20);
  PutDocument put;
  put.document.id = absl::StrCat("document-", number);
  put.document.text = std::string(600, 'x');
  Passage& passage = put.document.passages.emplace_back();
  for (const auto& [key, weight] : terms) {
    passage.vector.keys.push_back(key);
    passage.vector.weights.push_back(base::FloatToFloat16(weight));
  }
  return put;
}

QueryVector RandomQuery(std::mt19937_64& random) {
  std::map<TermKey, float> terms;
  while (terms.size() < 6) terms[RandomTerm(random)] = 1 + static_cast<float>(random() % 100) / 20;
  QueryVector query;
  for (const auto& [key, weight] : terms) query.push_back({key, weight});
  return query;
}

// Adds `count` documents as one memory segment.
void Extend(CollectionHead& head, std::mt19937_64& random, size_t count) {
  std::vector<LoggedWrite> writes;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t sequence = head.snapshot()->sequence + i + 1;
    writes.push_back({sequence, RandomDocument(random, sequence)});
  }
  if (!head.Apply(writes).ok()) std::abort();
}

// range(0) memory segments of range(1) documents behind one of the rest, 20,000 in all.
void SearchBuffer(benchmark::State& state) {
  std::mt19937_64 random(1);
  const auto segments = static_cast<size_t>(state.range(0));
  const auto documents = static_cast<size_t>(state.range(1));
  auto empty = std::make_shared<Snapshot>();
  empty->collection = "bench";
  CollectionHead head(std::move(empty));
  Extend(head, random, kDocuments - segments * documents);
  for (size_t i = 0; i < segments; ++i) Extend(head, random, documents);
  std::vector<QueryVector> queries;
  for (int i = 0; i < 200; ++i) queries.push_back(RandomQuery(random));
  const SearchOptions options;
  size_t next = 0;
  for (auto _ : state) {
    auto result = TopK(*head.snapshot(), queries[next++ % queries.size()], options);
    if (!result.ok()) state.SkipWithError("search failed");
    benchmark::DoNotOptimize(result);
  }
}
BENCHMARK(SearchBuffer)
    ->ArgNames({"segments", "documents"})
    ->Args({0, 0})
    ->Args({1, 8})
    ->Args({8, 8})
    ->Args({32, 8})
    ->Args({128, 8})
    ->Args({8, 512})
    ->Unit(benchmark::kMicrosecond);

// A collection in a directory of its own.
class BenchCollection {
 public:
  explicit BenchCollection(bool sync)
      : dir_(std::filesystem::temp_directory_path() / "foraker-live-bench") {
    std::filesystem::remove_all(dir_);
    auto catalog = Catalog::Open(dir_, OpenMode::kWrite).value();
    std::filesystem::create_directories(catalog->CollectionDir("bench"));
    CollectionRecord record;
    record.name = "bench";
    record.generation = 1;
    if (!catalog->Publish(record).ok()) std::abort();
    LiveOptions live;
    live.sync = sync;
    store_ = LiveStore::Open(std::move(catalog), [live](const CollectionRecord&) {
               return absl::StatusOr<LiveOptions>(live);
             }).value();
    collection_ = store_->Find("bench").value();
  }
  ~BenchCollection() {
    collection_.reset();
    store_.reset();
    std::filesystem::remove_all(dir_);
  }

  LiveCollection& collection() { return *collection_; }

 private:
  const std::string dir_;
  std::unique_ptr<LiveStore> store_;
  std::shared_ptr<LiveCollection> collection_;
};

// Batches of range(0) documents, a sync each when range(1), from each of the threads.
void WriteBatches(benchmark::State& state) {
  static std::unique_ptr<BenchCollection> bench;
  if (state.thread_index() == 0) bench = std::make_unique<BenchCollection>(state.range(1) != 0);
  const auto thread = static_cast<uint64_t>(state.thread_index());
  std::mt19937_64 random(thread);
  uint64_t number = thread << 32;
  for (auto _ : state) {
    WriteBatch batch;
    for (int64_t i = 0; i < state.range(0); ++i) {
      batch.writes.push_back({RandomDocument(random, ++number), std::nullopt});
    }
    auto result = bench->collection().Write(std::move(batch), WaitFor::kSearchable);
    if (!result.ok()) state.SkipWithError(std::string(result.status().message()).c_str());
  }
  state.SetItemsProcessed(static_cast<int64_t>(number - (thread << 32)));
  if (state.thread_index() == 0) bench.reset();
}
BENCHMARK(WriteBatches)
    ->ArgNames({"documents", "sync"})
    ->ArgsProduct({{1, 100}, {0, 1}})
    ->Threads(1)
    ->Threads(16)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

}  // namespace
}  // namespace foraker::index

BENCHMARK_MAIN();
