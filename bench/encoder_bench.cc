// Times the document encoder on texts of token ids, and the processor's int8 matrix rate beside it.
//
//   encoder_bench MODEL TEXTS [--precision f32|int8] [--threads N] [--repeat N] [--rate false]
//
// MODEL: a model directory; TEXTS: a JSON array of ids a line, without [CLS] and [SEP]. Every
// thread has a session and takes texts a block at a time. Prints one JSON object: the seconds of
// the best repeat, what they come to, and the rate of large int8 products on as many threads, best
// of several shapes. bench/peer_encoder.py makes MODEL and TEXTS and calls this beside onnxruntime.

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/cpu/linear.h"
#include "model/encoder/sparse_encoder.h"

namespace foraker::bench {
namespace {

using Ids = std::vector<uint32_t>;
using Span = std::span<const uint32_t>;

struct Flags {
  std::string model;
  std::string texts;
  model::Precision precision = model::Precision::kInt8;
  size_t threads = 2;
  size_t repeat = 1;
  bool rate = true;
};

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void OnThreads(size_t threads, const std::function<void(size_t)>& work) {
  std::vector<std::jthread> running;
  for (size_t t = 1; t < threads; ++t) running.emplace_back(work, t);
  work(0);
}

// One square product, the largest that fits a core's cache with its operands, over and over.
double ProductRate(size_t rows, size_t out, size_t in, size_t threads) {
  const std::vector<float> weight(in * out, 0.5f);
  const model::Kernels& kernels = model::BestKernels();
  const model::Linear linear(in, out, weight, {}, model::Precision::kInt8);
  constexpr size_t kTimes = 20;
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const double seconds = Seconds([&] {
      OnThreads(threads, [&](size_t) {
        const model::OneThread one_thread;
        model::Activations activations(model::Precision::kInt8, kernels);
        activations.Resize(rows, in);
        model::LinearScratch scratch;
        model::LinearRun run(linear, activations, kernels, scratch);
        for (size_t i = 0; i < kTimes; ++i) {
          for (size_t row = 0; row < rows; row += model::RowTile()) run.Multiply(row);
        }
      });
    });
    const double operations = 2.0 * static_cast<double>(rows * out * in * kTimes * threads);
    best = std::max(best, operations / seconds * 1e-12);
  }
  return best;
}

double MatrixRate(size_t threads) {
  const model::OneThread one_thread;
  double best = 0;
  for (const auto& [rows, out, in] : {std::array<size_t, 3>{512, 384, 1536},
                                      {512, 512, 1024},
                                      {512, 1024, 1024},
                                      {512, 1024, 512},
                                      {1024, 256, 2048}}) {
    best = std::max(best, ProductRate(rows, out, in, threads));
  }
  return best;
}

absl::StatusOr<std::vector<Ids>> ReadTexts(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path + ": cannot be read");
  simdjson::dom::parser parser;
  std::vector<Ids> texts;
  for (std::string line; std::getline(file, line);) {
    simdjson::dom::array array;
    if (parser.parse(line).get(array) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(path + ": expected an array of ids a line");
    }
    Ids& ids = texts.emplace_back();
    for (const simdjson::dom::element id : array)
      ids.push_back(static_cast<uint32_t>(uint64_t{id}));
  }
  return texts;
}

// Operations of all matrix products of a text's tokens, attention's among them.
double Operations(const model::EncoderConfig& config, const std::vector<Ids>& texts) {
  const double hidden = config.hidden;
  const double layer = 4 * hidden * hidden + 2 * hidden * config.intermediate;
  double sum = 0;
  for (const Ids& text : texts) {
    const auto tokens = static_cast<double>(text.size() + 2);
    sum += tokens * (config.layers * layer + hidden * hidden + hidden * config.vocabulary);
  }
  return 2 * sum;
}

// Blocks of texts that a session takes at once.
constexpr size_t kBlock = 16;

using Sessions = std::vector<std::unique_ptr<model::SparseEncoder::Session>>;

absl::Status EncodeAll(const Sessions& sessions, const std::vector<Span>& texts, size_t& terms) {
  std::atomic<size_t> next = 0;
  std::atomic<size_t> found = 0;
  std::vector<absl::Status> statuses(sessions.size());
  OnThreads(sessions.size(), [&](size_t t) {
    std::vector<std::vector<model::LearnedTerm>> vectors;
    while (statuses[t].ok()) {
      const size_t begin = next.fetch_add(kBlock);
      if (begin >= texts.size()) break;
      const size_t size = std::min(kBlock, texts.size() - begin);
      statuses[t] = sessions[t]->Encode(std::span(texts).subspan(begin, size), vectors);
      for (const auto& vector : vectors) found += vector.size();
    }
  });
  terms = found;
  for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

absl::Status Run(const Flags& flags) {
  ASSIGN_OR_RETURN(const auto encoder, model::SparseEncoder::Open(flags.model, flags.precision));
  ASSIGN_OR_RETURN(const std::vector<Ids> texts, ReadTexts(flags.texts));
  const std::vector<Span> spans(texts.begin(), texts.end());
  size_t terms = 0;
  Sessions sessions;
  for (size_t t = 0; t < flags.threads; ++t) sessions.push_back(encoder->NewSession());
  const auto warm = static_cast<ptrdiff_t>(std::min<size_t>(spans.size(), 4 * kBlock));
  RETURN_IF_ERROR(EncodeAll(sessions, {spans.begin(), spans.begin() + warm}, terms));
  double best = 0;
  for (size_t i = 0; i < flags.repeat; ++i) {
    absl::Status status;
    const double seconds = Seconds([&] { status = EncodeAll(sessions, spans, terms); });
    RETURN_IF_ERROR(status);
    best = i == 0 ? seconds : std::min(best, seconds);
  }
  size_t tokens = 0;
  for (const Ids& text : texts) tokens += text.size() + 2;
  const double operations = Operations(encoder->config(), texts);
  const double rate = flags.rate ? MatrixRate(flags.threads) : 0;
  absl::PrintF(
      "{\"precision\": \"%s\", \"kernels\": \"%s\", \"threads\": %d, \"texts\": %d, "
      "\"tokens\": %d, \"terms\": %d, \"seconds\": %.4f, \"tokens_per_second\": %.0f, "
      "\"operations\": %.6g, \"tops\": %.4f, \"int8_tops\": %.4f}\n",
      std::string(PrecisionName(flags.precision)), model::BestKernels().name, flags.threads,
      texts.size(), tokens, terms, best, static_cast<double>(tokens) / best, operations,
      operations / best * 1e-12, rate);
  return absl::OkStatus();
}

bool Parse(int argc, char** argv, Flags& flags) {
  if (argc < 3 || argc % 2 == 0) return false;
  flags.model = argv[1];
  flags.texts = argv[2];
  for (int i = 3; i < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    uint64_t number = 0;
    if (name == "--precision") {
      flags.precision = value == "f32" ? model::Precision::kF32 : model::Precision::kInt8;
    } else if (name == "--rate") {
      flags.rate = value != "false";
    } else if (absl::SimpleAtoi(value, &number) && number > 0) {
      if (name == "--threads") flags.threads = number;
      if (name == "--repeat") flags.repeat = number;
    } else {
      return false;
    }
  }
  return true;
}

int Main(int argc, char** argv) {
  Flags flags;
  if (!Parse(argc, argv, flags)) {
    std::fputs(
        "usage: encoder_bench MODEL TEXTS [--precision f32|int8] [--threads N] [--repeat N] "
        "[--rate false]\n",
        stderr);
    return EXIT_FAILURE;
  }
  const absl::Status status = Run(flags);
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace foraker::bench

int main(int argc, char** argv) { return foraker::bench::Main(argc, argv); }
