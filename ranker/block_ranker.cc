#include "ranker/block_ranker.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "model/cpu/precision.h"
#include "model/json/json_object.h"
#include "model/tokenizer/decoder_tokenizer.h"
#include "ranker/decoder/decoder.h"
#include "ranker/decoder/device.h"
#include "ranker/prompt/prompt_builder.h"

namespace foraker::ranker {
namespace {

using retrieval::RankedDocument;
using retrieval::RankPrecision;
using retrieval::RankRequest;
using retrieval::RankResult;

std::string_view NameOf(RankPrecision precision) {
  switch (precision) {
    case RankPrecision::kF32:
      return "f32";
    case RankPrecision::kBf16:
      return "bf16";
    case RankPrecision::kInt8:
      return "int8";
  }
  return "unknown";
}

std::string NamesOf(const std::vector<RankPrecision>& precisions) {
  return absl::StrJoin(precisions, ", ", [](std::string* out, RankPrecision precision) {
    absl::StrAppend(out, base::ToAbsl(NameOf(precision)));
  });
}

uint64_t Micros(absl::Duration duration) {
  return static_cast<uint64_t>(std::max<int64_t>(0, absl::ToInt64Microseconds(duration)));
}

// The model in one precision, and the queue before it.
struct LoadedModel {
  RankPrecision precision = RankPrecision::kF32;
  std::shared_ptr<const Decoder> decoder;
  std::unique_ptr<Scheduler> scheduler;
};

// What a model's directory says of it.
struct ModelDescription {
  std::string name;
  DecoderConfig decoder;
  RankConfig rank;
};

// Tokens of a block that holds no text, for the longest number that a document can have.
uint32_t WrappingTokens(const PromptBuilder& prompts, const RankLimits& limits) {
  const retrieval::RankDocument nothing[1];
  const uint32_t number[] = {limits.windows};
  const BuiltPrompt built = prompts.Build(
      "query", nothing, {.variant = {}, .max_document_tokens = UINT32_MAX, .numbers = number});
  return built.parts.front().tokens;
}

class BlockRankerImpl : public BlockRanker {
 public:
  BlockRankerImpl(ModelDescription model, std::unique_ptr<PromptBuilder> prompts,
                  std::vector<LoadedModel> loaded, const RankLimits& limits)
      : model_(std::move(model)),
        prompts_(std::move(prompts)),
        loaded_(std::move(loaded)),
        limits_(limits),
        wrapping_tokens_(WrappingTokens(*prompts_, limits)) {
    for (const LoadedModel& loaded_model : loaded_) precisions_.push_back(loaded_model.precision);
  }

  absl::StatusOr<RankResult> Rank(const RankRequest& request) override {
    const absl::Time start = absl::Now();
    const retrieval::RankOptions& options = request.options;
    RETURN_IF_ERROR(CheckLimits(request, limits_));
    RETURN_IF_ERROR(CheckDocumentTokens(options.max_document_tokens));
    ASSIGN_OR_RETURN(const LoadedModel* model, Find(options.precision));
    BuiltPrompt built = prompts_->Build(request.query, request.documents,
                                        {.variant = options.variant,
                                         .max_document_tokens = options.max_document_tokens,
                                         .windows = options.windows,
                                         .numbers = {},
                                         .max_blocks = limits_.windows});
    RETURN_IF_ERROR(CheckPrompt(built, model_.decoder, limits_));
    RankResult result;
    result.timing.tokenize = Micros(absl::Now() - start);
    result.tokens = static_cast<uint32_t>(built.prompt.ids.size());
    result.variant = options.variant.value_or(model_.rank.variant);
    result.precision = model->precision;
    result.model = model_.name;
    ASSIGN_OR_RETURN(const RankScores scores,
                     model->scheduler->Run({.prompt = std::move(built.prompt),
                                            .caller = options.caller,
                                            .deadline = options.deadline,
                                            .cancelled = options.cancelled}));
    ASSIGN_OR_RETURN(result.documents,
                     InOrder(request.documents.size(), built.parts, scores.scores));
    if (options.top_n > 0 && options.top_n < result.documents.size()) {
      result.documents.resize(options.top_n);
    }
    result.timing.queue = Micros(scores.queue);
    result.timing.compute = Micros(scores.compute);
    result.timing.total = Micros(absl::Now() - start);
    return result;
  }

  absl::Duration RetryAfter() const override {
    absl::Duration longest;
    for (const LoadedModel& model : loaded_) {
      longest = std::max(longest, model.scheduler->RetryAfter());
    }
    return longest;
  }

  const std::string& model() const override { return model_.name; }
  const DecoderConfig& decoder_config() const override { return model_.decoder; }
  const RankConfig& rank_config() const override { return model_.rank; }
  const std::vector<RankPrecision>& precisions() const override { return precisions_; }

  size_t weight_bytes() const override {
    size_t bytes = 0;
    for (const LoadedModel& model : loaded_) bytes += model.decoder->weight_bytes();
    return bytes;
  }

  SchedulerStats Stats() const override {
    SchedulerStats sum;
    for (const LoadedModel& model : loaded_) {
      const SchedulerStats stats = model.scheduler->Stats();
      sum.passes += stats.passes;
      sum.lists += stats.lists;
      sum.tokens += stats.tokens;
      sum.refused += stats.refused;
      sum.waiting_lists += stats.waiting_lists;
      sum.waiting_tokens += stats.waiting_tokens;
      sum.compute += stats.compute;
    }
    return sum;
  }

 private:
  absl::Status CheckDocumentTokens(uint32_t tokens) const {
    const uint32_t least = wrapping_tokens_ + 1, most = model_.decoder.max_positions;
    if (tokens == 0 || (tokens >= least && tokens <= most)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrFormat("max_document_tokens: expected %d, what wraps a document and one token of "
                        "it, to %d, the model's positions; got %d",
                        least, most, tokens));
  }

  absl::StatusOr<const LoadedModel*> Find(std::optional<RankPrecision> precision) const {
    if (!precision.has_value()) return &loaded_.front();
    for (const LoadedModel& model : loaded_) {
      if (model.precision == *precision) return &model;
    }
    return absl::FailedPreconditionError(
        absl::StrFormat("precision: %s is not loaded; model \"%s\" is, as %s", NameOf(*precision),
                        model_.name, NamesOf(precisions_)));
  }

  // Each document with the best score of its blocks; best first, and ties as they were given.
  absl::StatusOr<std::vector<RankedDocument>> InOrder(size_t count,
                                                      const std::vector<PromptPart>& parts,
                                                      const std::vector<float>& scores) const {
    std::vector<RankedDocument> documents(count);
    for (uint32_t i = 0; i < count; ++i) documents[i] = {.index = i, .windows = 0};
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!std::isfinite(scores[i])) {
        return absl::InternalError(
            absl::StrFormat("model \"%s\": the score of documents[%d] is %g; are its weights "
                            "damaged, or too large for their precision?",
                            model_.name, parts[i].document, scores[i]));
      }
      RankedDocument& document = documents[parts[i].document];
      document.score = document.windows == 0 ? scores[i] : std::max(document.score, scores[i]);
      document.tokens_read += parts[i].tokens;
      document.tokens_dropped += parts[i].dropped;
      ++document.windows;
    }
    std::stable_sort(
        documents.begin(), documents.end(),
        [](const RankedDocument& a, const RankedDocument& b) { return a.score > b.score; });
    return documents;
  }

  const ModelDescription model_;
  const std::unique_ptr<PromptBuilder> prompts_;
  const std::vector<LoadedModel> loaded_;
  const RankLimits limits_;
  const uint32_t wrapping_tokens_;
  std::vector<RankPrecision> precisions_;
};

std::string LastPart(const std::string& directory) {
  const auto path = std::filesystem::absolute(directory).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

absl::StatusOr<ModelDescription> ReadDescription(const std::string& directory) {
  ModelDescription model;
  model.name = LastPart(directory);
  ASSIGN_OR_RETURN(const model::JsonObject config,
                   model::JsonObject::Read(absl::StrCat(directory, "/config.json")));
  ASSIGN_OR_RETURN(model.decoder, ParseDecoderConfig(config));
  ASSIGN_OR_RETURN(model.rank, ReadRankConfig(directory, model.decoder));
  return model;
}

absl::StatusOr<std::unique_ptr<PromptBuilder>> OpenPrompts(const std::string& directory,
                                                           const ModelDescription& model,
                                                           const RankLimits& limits) {
  ASSIGN_OR_RETURN(auto tokenizer, model::DecoderTokenizer::Open(directory));
  if (tokenizer->vocabulary_size() > model.decoder.vocabulary) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: the tokenizer has ids up to %d, but config.json's \"vocab_size\" is %d", directory,
        tokenizer->vocabulary_size() - 1, model.decoder.vocabulary));
  }
  auto prompts = PromptBuilder::Make(model.rank, std::move(tokenizer));
  if (!prompts.ok()) return base::Annotate(prompts.status(), directory);
  const uint32_t wrapping = WrappingTokens(**prompts, limits);
  if (model.rank.max_document_tokens <= wrapping) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: blockrank.json: key \"max_document_tokens\": expected above %d, what wraps a "
        "document; got %d",
        directory, wrapping, model.rank.max_document_tokens));
  }
  return prompts;
}

absl::StatusOr<std::vector<RankPrecision>> WantedPrecisions(
    const std::vector<RankPrecision>& asked) {
  if (asked.empty()) {
    return std::vector<RankPrecision>{
        model::Supports(model::Precision::kInt8) ? RankPrecision::kInt8 : RankPrecision::kF32};
  }
  for (auto precision = asked.begin(); precision != asked.end(); ++precision) {
    if (std::find(asked.begin(), precision, *precision) == precision) continue;
    return absl::InvalidArgumentError(
        absl::StrFormat("precisions: %s is named twice", NameOf(*precision)));
  }
  return asked;
}

// A checkpoint is read once a precision: its layers never lie in memory together as float32.
absl::StatusOr<LoadedModel> Load(const std::string& directory, const ModelDescription& model,
                                 RankPrecision precision, const BlockRankerOptions& options) {
  const WantedLayers wanted{.layers = model.rank.layer, .scoring = model.rank.layer};
  const uint32_t threads =
      options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  ASSIGN_OR_RETURN(const auto weights, OpenCheckpoint(directory, model.decoder));
  ASSIGN_OR_RETURN(
      std::unique_ptr<const DeviceModel> device,
      LoadCpuModel(model.decoder, wanted, *weights, {.precision = precision, .threads = threads}));
  LoadedModel loaded;
  loaded.precision = precision;
  loaded.decoder = std::make_shared<const Decoder>(model.decoder, wanted, std::move(device));
  loaded.scheduler = Scheduler::Start(loaded.decoder, options.scheduler);
  return loaded;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlockRanker>> BlockRanker::Open(const std::string& directory,
                                                               const BlockRankerOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<RankPrecision> precisions,
                   WantedPrecisions(options.precisions));
  ASSIGN_OR_RETURN(ModelDescription model, ReadDescription(directory));
  ASSIGN_OR_RETURN(std::unique_ptr<PromptBuilder> prompts,
                   OpenPrompts(directory, model, options.limits));
  std::vector<LoadedModel> loaded;
  for (const RankPrecision precision : precisions) {
    ASSIGN_OR_RETURN(LoadedModel one, Load(directory, model, precision, options));
    loaded.push_back(std::move(one));
  }
  return std::make_unique<BlockRankerImpl>(std::move(model), std::move(prompts), std::move(loaded),
                                           options.limits);
}

}  // namespace foraker::ranker
