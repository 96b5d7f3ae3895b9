#include "services/server/rank_loader.h"

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/string_view.h"
#include "services/convert/rank.h"

namespace foraker::server {
namespace {

std::string_view FamilyName(ranker::DecoderFamily family) {
  switch (family) {
    case ranker::DecoderFamily::kMistral:
      return "mistral";
    case ranker::DecoderFamily::kLlama:
      return "llama";
    case ranker::DecoderFamily::kQwen3:
      break;
  }
  return "qwen3";
}

v1::RankModel Describe(const ranker::BlockRanker& ranker, uint32_t max_documents) {
  v1::RankModel model;
  model.set_name(ranker.model());
  model.set_family(std::string(FamilyName(ranker.decoder_config().family)));
  model.set_layer(ranker.rank_config().layer);
  model.set_layers(ranker.decoder_config().layers);
  model.set_variant(convert::ToProto(ranker.rank_config().variant));
  for (const retrieval::RankPrecision precision : ranker.precisions()) {
    model.add_precisions(convert::ToProto(precision));
  }
  model.set_max_document_tokens(ranker.rank_config().max_document_tokens);
  model.set_max_documents(max_documents);
  return model;
}

absl::StatusOr<ServedRanker> Load(const std::string& directory,
                                  const ranker::BlockRankerOptions& options) {
  // Memory, above all, may not be there.
  try {
    absl::StatusOr<std::unique_ptr<ranker::BlockRanker>> opened =
        ranker::BlockRanker::Open(directory, options);
    if (!opened.ok()) return base::Annotate(opened.status(), "rank.model");
    const std::shared_ptr<ranker::BlockRanker> ranker = *std::move(opened);
    return ServedRanker{ranker, Describe(*ranker, options.limits.documents),
                        [ranker] { return ranker->Stats(); }};
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("rank.model: ", directory, " cannot be loaded: ", error.what()));
  }
}

}  // namespace

ranker::BlockRankerOptions RankerOptions(const config::Settings& settings) {
  ranker::BlockRankerOptions options;
  for (const absl::string_view name :
       absl::StrSplit(base::ToAbsl(settings.rank_precision), ',', absl::SkipEmpty())) {
    // Settings hold names that are known.
    if (const auto precision = convert::ParseRankPrecision(base::ToStd(name))) {
      options.precisions.push_back(*precision);
    }
  }
  options.threads = settings.rank_threads;
  options.scheduler.pass_tokens = settings.rank_pass_tokens;
  options.scheduler.queue_tokens = settings.rank_queue_tokens;
  options.limits.documents = settings.rank_max_documents;
  return options;
}

RankLoader::RankLoader(const config::Settings& settings)
    : loaded_(std::async(std::launch::async, Load, settings.rank_model, RankerOptions(settings))) {}

bool RankLoader::done() const {
  return loaded_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace foraker::server
