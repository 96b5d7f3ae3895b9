// What it costs to turn text into vectors, step by step, on a corpus of JSON lines with `text` (and
// `title`). One thread. The baseline of the segmenter is ICU's own iterator.
//
//   encode_bench CORPUS.jsonl [Google Benchmark's options]
//
// items_per_second counts documents; `words` is the mean of a document.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/text_corpus.h"
#include "model/analyzer/analyzer.h"
#include "model/analyzer/word_segmenter.h"
#include "retrieval/document_encoder.h"
#include "retrieval/titles.h"

namespace foraker {
namespace {

using Document = bench::TitledText;

std::vector<Document>& Corpus() {
  static std::vector<Document> corpus;
  return corpus;
}

// Calls `work(document)` for one document after the other, round and round.
template <typename Work>
void ForEachDocument(benchmark::State& state, const Work& work) {
  size_t next = 0;
  for (auto _ : state) {
    work(Corpus()[next]);
    if (++next == Corpus().size()) next = 0;
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}

void SegmentByIcu(benchmark::State& state) {
  const auto segmenter = *model::WordSegmenter::Create();
  std::vector<model::WordSpan> words;
  ForEachDocument(state, [&](const Document& document) {
    segmenter->SegmentByIcu(document.text, words);
    benchmark::DoNotOptimize(words.data());
  });
}

void Segment(benchmark::State& state) {
  const auto segmenter = *model::WordSegmenter::Create();
  std::vector<model::WordSpan> words;
  ForEachDocument(state, [&](const Document& document) {
    segmenter->Segment(document.text, words);
    benchmark::DoNotOptimize(words.data());
  });
}

void Analyze(benchmark::State& state) {
  const auto session = (*model::Analyzer::Create({}))->NewSession();
  uint64_t words = 0;
  ForEachDocument(
      state, [&](const Document& document) { words += session->Analyze(document.text).size(); });
  state.counters["words"] =
      benchmark::Counter(static_cast<double>(words), benchmark::Counter::kAvgIterations);
}

void NormalizeTitle(benchmark::State& state) {
  ForEachDocument(state, [](const Document& document) {
    benchmark::DoNotOptimize(retrieval::NormalizeTitle(document.title));
  });
}

void Encode(benchmark::State& state) {
  retrieval::DocumentSide settings;
  settings.reference_length = 60;
  const auto encoder = *retrieval::DocumentEncoder::Create(settings);
  index::Document encoded;
  uint64_t names = 0;
  ForEachDocument(state, [&](const Document& document) {
    encoded.title = document.title;
    encoded.text = document.text;
    const absl::Status status =
        encoder->Encode(encoded, [&](index::TermKey, std::string_view) { ++names; });
    benchmark::DoNotOptimize(status.ok());
  });
  state.counters["terms"] =
      benchmark::Counter(static_cast<double>(names), benchmark::Counter::kAvgIterations);
}

BENCHMARK(SegmentByIcu)->Unit(benchmark::kMicrosecond);
BENCHMARK(Segment)->Unit(benchmark::kMicrosecond);
BENCHMARK(Analyze)->Unit(benchmark::kMicrosecond);
BENCHMARK(NormalizeTitle)->Unit(benchmark::kMicrosecond);
BENCHMARK(Encode)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace foraker

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc == 2) foraker::Corpus() = foraker::bench::ReadTexts(argv[1]);
  if (foraker::Corpus().empty()) {
    std::fprintf(stderr, "usage: encode_bench CORPUS.jsonl (JSON lines with \"text\")\n");
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
