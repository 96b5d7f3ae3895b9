#include "services/cli/rank_bench.h"

#include <algorithm>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "model/cpu/matrix_rate.h"
#include "model/json/json_object.h"
#include "ranker/prompt/rank_config.h"
#include "services/cli/interrupt.h"
#include "services/cli/process_memory.h"
#include "services/cli/rank_shapes.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

using ranker::Precision;

constexpr uint32_t kInstructionTokens = 100;
constexpr uint32_t kQueryTokens = 65;
constexpr uint64_t kWeightSeed = 1;

struct BenchModel {
  ranker::DecoderConfig config;
  ranker::RankConfig rank;
  std::unique_ptr<ranker::WeightSource> weights;
};

absl::StatusOr<BenchModel> OpenModel(const RankBenchOptions& options) {
  BenchModel model;
  if (!options.directory.empty()) {
    ASSIGN_OR_RETURN(const model::JsonObject json,
                     model::JsonObject::Read(options.directory + "/config.json"));
    ASSIGN_OR_RETURN(model.config, ranker::ParseDecoderConfig(json));
    ASSIGN_OR_RETURN(model.rank, ranker::ReadRankConfig(options.directory, model.config));
    ASSIGN_OR_RETURN(model.weights, ranker::OpenCheckpoint(options.directory, model.config));
    return model;
  }
  ASSIGN_OR_RETURN(model.config, RankShape(options.shape));
  ASSIGN_OR_RETURN(const model::JsonObject defaults, model::JsonObject::Parse("{}", options.shape));
  ASSIGN_OR_RETURN(model.rank, ranker::ParseRankConfig(defaults, model.config));
  model.weights = ranker::MakeRandomWeights(model.config, kWeightSeed);
  return model;
}

ranker::Prompt MakeList(const RankBenchOptions& options, const BenchModel& model) {
  std::minstd_rand random(1);
  ranker::Prompt prompt;
  const auto add_block = [&prompt](uint32_t tokens) {
    const uint32_t begin = prompt.block_ends.empty() ? 0 : prompt.block_ends.back();
    prompt.block_ends.push_back(begin + tokens);
  };
  const uint32_t span = options.most_tokens - options.least_tokens + 1;
  add_block(kInstructionTokens);
  for (uint32_t d = 0; d < options.documents; ++d) {
    add_block(options.least_tokens + static_cast<uint32_t>(random() % span));
  }
  add_block(kQueryTokens);
  const uint32_t end = prompt.block_ends.back();
  for (uint32_t i = 0; i < end; ++i) {
    prompt.ids.push_back(static_cast<uint32_t>(random() % model.config.vocabulary));
  }
  prompt.query_offset = model.rank.query_offset;
  prompt.scoring = ranker::ScoringOf(model.rank.variant);
  prompt.signals = {end - 2, end - 1};
  return prompt;
}

double BytesAWeight(Precision precision) {
  if (precision == Precision::kInt8) return 1;
  return precision == Precision::kBf16 ? 2 : 4;
}

// What loading and one pass take at least: packed weights, the embeddings (not narrower than their
// source), a layer of plain weights on its way, and the rows' states.
uint64_t NeededBytes(const ranker::DecoderConfig& config, uint32_t layers, Precision precision,
                     uint32_t rows) {
  const double hidden = config.hidden;
  const double state_width = 2.0 * config.query_width() + 2.0 * config.key_width();
  const double layer = hidden * (state_width + 3.0 * config.intermediate);
  const double embeddings = hidden * config.vocabulary;
  const double packed = layer * layers * BytesAWeight(precision);
  const double states = rows * (hidden + state_width);
  const double embedding_bytes = precision == Precision::kBf16 ? 2 : 4;
  return static_cast<uint64_t>(packed + embedding_bytes * embeddings + 4 * layer + 4 * states);
}

absl::Status CheckMemory(const RankBenchOptions& options, const BenchModel& model, uint32_t rows) {
  const uint64_t needed = NeededBytes(model.config, model.rank.layer + 1, options.precision, rows);
  const uint64_t available = AvailableBytes();
  if (available == 0 || needed <= available / 10 * 9) return absl::OkStatus();  // others live here
  return absl::ResourceExhaustedError(absl::StrFormat(
      "the model needs about %s of memory, %s are free; try --precision int8 or bf16",
      Bytes(needed), Bytes(available)));
}

void Add(const ranker::StepTimes& pass, ranker::StepTimes& all) {
  all.embed += pass.embed;
  all.project += pass.project;
  all.instructions += pass.instructions;
  all.documents += pass.documents;
  all.queries += pass.queries;
  all.out += pass.out;
  all.feed_forward += pass.feed_forward;
  all.score += pass.score;
}

absl::Status TimePasses(const RankBenchOptions& options, const ranker::Decoder& decoder,
                        const ranker::Pass& pass, RankBenchReport& report) {
  model::MatrixRate rate(
      options.precision == Precision::kInt8 ? model::Precision::kInt8 : model::Precision::kF32,
      report.threads);
  ranker::Decoder::Runner runner = decoder.NewRunner();
  const auto go_on = [] { return !StopRequested(); };
  ASSIGN_OR_RETURN(const auto scores, runner.Score(pass, go_on));
  report.scores = scores.at(0);
  report.matrix_rates.push_back(rate.Measure());
  for (uint32_t i = 0; i < options.repeats; ++i) {
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(runner.Score(pass, go_on).status());
    report.pass_seconds.push_back(absl::ToDoubleSeconds(absl::Now() - start));
    report.matrix_rates.push_back(rate.Measure());
    Add(runner.times(), report.steps);
  }
  return absl::OkStatus();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

double RankBenchReport::median_seconds() const { return Median(pass_seconds); }

double RankBenchReport::share_of_rate() const {
  std::vector<double> shares;
  for (size_t i = 0; i < pass_seconds.size(); ++i) {
    const double rate = (matrix_rates[i] + matrix_rates[i + 1]) / 2;
    shares.push_back(operations.total() / pass_seconds[i] / rate);
  }
  return Median(std::move(shares));
}

absl::StatusOr<RankBenchReport> RunRankBench(const RankBenchOptions& options) {
  ASSIGN_OR_RETURN(const BenchModel model, OpenModel(options));
  const ranker::Prompt list = MakeList(options, model);
  ranker::Pass pass;
  pass.Add(list);
  RETURN_IF_ERROR(CheckMemory(options, model, pass.rows()));

  RankBenchReport report;
  report.config = model.config;
  report.layers = {.layers = model.rank.layer, .scoring = model.rank.layer};
  report.threads =
      options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  report.tokens = pass.rows();
  report.query_offset = list.query_offset;
  uint32_t begin = 0;
  for (const uint32_t end : list.block_ends) {
    report.blocks.push_back(end - begin);
    begin = end;
  }
  report.operations = ranker::CountOperations(model.config, report.layers, pass);

  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(auto device, ranker::LoadCpuModel(
                                    model.config, report.layers, *model.weights,
                                    {.precision = options.precision, .threads = report.threads}));
  const ranker::Decoder decoder(model.config, report.layers, std::move(device));
  report.load_seconds = absl::ToDoubleSeconds(absl::Now() - start);
  report.weight_bytes = decoder.weight_bytes();
  RETURN_IF_ERROR(TimePasses(options, decoder, pass, report));
  report.rss_bytes = ResidentBytes();
  report.peak_rss_bytes = PeakResidentBytes();
  return report;
}

}  // namespace foraker::cli
