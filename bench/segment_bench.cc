// What segments cost beside searches: reading a document's text, making a segment in memory of what
// a commit writes, merging. On a corpus of JSON lines with `text` (and `title`), each document one
// passage of its words. One thread.
//
//   segment_bench CORPUS.jsonl [Google Benchmark's options]
//
// items_per_second counts documents; `text_bytes` and `file_bytes` are those of a stored document,
// `memory` what its merge holds.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/file.h"
#include "bench/text_corpus.h"
#include "index/collection/merge_segments.h"
#include "index/segment/document_reader.h"
#include "index/segment/segment_writer.h"

namespace foraker::index {
namespace {

std::vector<Document>& Corpus() {
  static std::vector<Document> corpus;
  return corpus;
}

SparseVector WordsOf(std::string_view text) {
  std::map<TermKey, int> counts;
  for (const absl::string_view word :
       absl::StrSplit(base::ToAbsl(text), absl::ByAnyChar(" \n.,;()"), absl::SkipEmpty())) {
    ++counts[HashedTermKey(TermNamespace::kStem, base::ToStd(word))];
  }
  SparseVector vector;
  for (const auto& [key, count] : counts) {
    vector.keys.push_back(key);
    vector.weights.push_back(base::FloatToFloat16(static_cast<float>(count)));
    vector.positions.push_back(static_cast<Position>(vector.keys.size()));
  }
  return vector;
}

bool ReadCorpus(const std::string& path) {
  for (const bench::TitledText& read : bench::ReadTexts(path)) {
    Document& document = Corpus().emplace_back();
    document.id = std::to_string(Corpus().size());
    document.title = read.title;
    document.text = read.text;
    document.fields = {{"kind", {std::string("text")}}, {"number", {int64_t{1}}}};
    Passage& passage = document.passages.emplace_back();
    passage.vector = WordsOf(read.text);
    passage.text_end = static_cast<uint32_t>(read.text.size());
  }
  return !Corpus().empty();
}

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
  std::abort();
}

void OrDie(const absl::Status& status) {
  if (!status.ok()) OrDie(absl::StatusOr<int>(status));
}

// The whole corpus as a file, which is gone when the program ends.
const std::shared_ptr<const Segment>& File() {
  static const std::shared_ptr<const Segment> segment = [] {
    const std::string path = "/tmp/segment_bench.seg";
    const auto writer = OrDie(SegmentWriter::Create(path));
    for (const Document& document : Corpus()) OrDie(writer->Add(document));
    OrDie(writer->Finish());
    auto open = OrDie(Segment::Open(path));
    OrDie(base::RemoveFile(path));
    return open;
  }();
  return segment;
}

std::shared_ptr<const Segment> InMemory(size_t first, size_t count) {
  const auto writer = OrDie(SegmentWriter::CreateInMemory());
  for (size_t i = 0; i < count; ++i) OrDie(writer->Add(Corpus()[(first + i) % Corpus().size()]));
  return OrDie(writer->FinishInMemory("memory"));
}

void SetDocuments(benchmark::State& state, size_t each) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(each));
}

void FetchText(benchmark::State& state) {
  const std::shared_ptr<const Segment>& file = File();
  std::mt19937 random(1);
  for (auto _ : state) {
    const auto document = static_cast<DocId>(random() % file->num_documents());
    benchmark::DoNotOptimize(OrDie(file->LoadText(document)));
  }
  SetDocuments(state, 1);
  uint64_t bytes = 0;
  for (const SectionFile::Info& section : file->file().sections()) {
    if (section.id == SectionId::kText || section.id == SectionId::kTextIndex) {
      bytes += section.length;
    }
  }
  state.counters["text_bytes"] = static_cast<double>(bytes) / static_cast<double>(Corpus().size());
  state.counters["file_bytes"] =
      static_cast<double>(file->file().file_bytes()) / static_cast<double>(Corpus().size());
}

void FetchWhole(benchmark::State& state) {
  const std::shared_ptr<const Segment>& file = File();
  std::mt19937 random(1);
  for (auto _ : state) {
    const auto document = static_cast<DocId>(random() % file->num_documents());
    benchmark::DoNotOptimize(OrDie(ReadDocument(*file, document)));
  }
  SetDocuments(state, 1);
}

void MakeInMemory(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  size_t first = 0;
  size_t bytes = 0;
  for (auto _ : state) {
    bytes += InMemory(first, count)->file().file_bytes();
    first += count;
  }
  SetDocuments(state, count);
  state.counters["bytes"] = benchmark::Counter(
      static_cast<double>(bytes) / static_cast<double>(count), benchmark::Counter::kAvgIterations);
}

// Eight segments in memory of so many documents each.
void MergeInMemory(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  std::vector<LiveSegment> sources;
  for (size_t i = 0; i < 8; ++i) sources.push_back({InMemory(i * count, count), nullptr});
  for (auto _ : state) {
    const auto writer = OrDie(SegmentWriter::CreateInMemory());
    OrDie(MergeSegments(sources, *writer));
    benchmark::DoNotOptimize(OrDie(writer->FinishInMemory("memory")));
  }
  SetDocuments(state, 8 * count);
}

void MergeFile(benchmark::State& state) {
  const std::vector<LiveSegment> sources = {{File(), nullptr}};
  const std::string path = "/tmp/segment_bench_merged.seg";
  size_t memory = 0;
  for (auto _ : state) {
    const auto writer = OrDie(SegmentWriter::Create(path));
    OrDie(MergeSegments(sources, *writer));
    memory = writer->memory_bytes();
    OrDie(writer->Finish());
  }
  OrDie(base::RemoveFile(path));
  SetDocuments(state, Corpus().size());
  state.counters["memory"] = static_cast<double>(memory) / static_cast<double>(Corpus().size());
}

BENCHMARK(FetchText)->Unit(benchmark::kMicrosecond);
BENCHMARK(FetchWhole)->Unit(benchmark::kMicrosecond);
BENCHMARK(MakeInMemory)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(MergeInMemory)->Arg(1)->Arg(100)->Unit(benchmark::kMicrosecond);
BENCHMARK(MergeFile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace foraker::index

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2 || !foraker::index::ReadCorpus(argv[1])) {
    std::fprintf(stderr, "usage: segment_bench CORPUS.jsonl [Google Benchmark's options]\n");
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
