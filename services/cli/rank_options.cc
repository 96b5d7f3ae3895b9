#include "services/cli/rank_options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "base/status.h"
#include "retrieval/reranked_searcher.h"
#include "services/cli/interrupt.h"
#include "services/convert/rank.h"

namespace foraker::cli {
namespace {

// An option whose values are names.
template <typename Value>
void AddNamed(CLI::App& command, const std::string& name, std::optional<Value>& value,
              std::optional<Value> (*parse)(std::string_view), std::vector<std::string> names,
              const std::string& description, const std::string& group) {
  command
      .add_option_function<std::string>(
          name, [&value, parse](const std::string& given) { value = parse(given); }, description)
      ->check(CLI::IsMember(std::move(names)))
      ->group(group);
}

}  // namespace

void RankFlags::AddTo(CLI::App& command, const std::string& prefix, const std::string& group) {
  AddNamed(command, prefix + "variant", variant_, convert::ParseRankVariant,
           {"paper", "last_token", "two_tokens", "all_keys"},
           "What scores are made of [as the model says]", group);
  AddNamed(command, prefix + "precision", precision_, convert::ParseRankPrecision,
           {"f32", "bf16", "int8"}, "Arithmetic of the model [the fastest]", group);
  command
      .add_option(prefix + "max-tokens", max_tokens_,
                  "Read so many tokens of a document [as the model says]")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command
      .add_flag(prefix + "windows", windows_,
                "Read longer documents in windows, instead of dropping their ends")
      ->group(group);
  command.add_option(prefix + "threads", threads_, "Threads of a model of this process [all]")
      ->group(group);
}

retrieval::RankOptions RankFlags::ToOptions() const {
  retrieval::RankOptions options;
  options.variant = variant_;
  options.precision = precision_;
  options.max_document_tokens = max_tokens_;
  options.windows = windows_;
  options.cancelled = [&stop = StopRequested()] { return stop.load(); };
  return options;
}

absl::StatusOr<std::unique_ptr<ranker::BlockRanker>> RankFlags::OpenModel(
    const std::string& directory) const {
  ranker::BlockRankerOptions options;
  options.threads = threads_;
  if (precision_.has_value()) options.precisions.push_back(*precision_);
  return ranker::BlockRanker::Open(directory, options);
}

void RerankFlags::AddTo(CLI::App& command, const std::string& group) {
  command.add_option("--candidates", candidates_, "Hits that the model reads")
      ->check(CLI::Range(1u, 500u))
      ->capture_default_str()
      ->group(group);
  command.add_option("--rank-model", model_, "Directory of the model [the server's own]")
      ->type_name("DIR")
      ->group(group);
  rank_.AddTo(command, "--rank-", group);
}

retrieval::RerankStage RerankFlags::ToStage() const { return {candidates_, rank_.ToOptions()}; }

absl::StatusOr<std::unique_ptr<retrieval::Searcher>> RerankFlags::OpenSearcher(
    const Target& target) const {
  if (model_.empty() && !target.is_remote()) {
    return absl::InvalidArgumentError(
        "a rerank needs --rank-model DIR, or a --server that has a model");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<retrieval::Searcher> searcher, cli::OpenSearcher(target));
  if (model_.empty()) return searcher;
  ASSIGN_OR_RETURN(std::unique_ptr<ranker::BlockRanker> model, rank_.OpenModel(model_));
  return retrieval::MakeRerankedSearcher(std::move(searcher), std::move(model));
}

}  // namespace foraker::cli
