#include "agent/answer/ranker.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/answer/answer_weights.h"
#include "base/string_view.h"

namespace foraker::agent {

absl::StatusOr<AnswerRanker> AnswerRanker::FromText(std::string_view text) {
  AnswerRanker ranker;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(base::ToAbsl(text), '\n')) {
    const auto wrong = [&](absl::string_view what) {
      return absl::InvalidArgumentError(
          absl::StrCat("answer weights, line ", number, ": expected ", what));
    };
    if (++number == 1 || line.empty()) continue;
    const std::vector<absl::string_view> cells = absl::StrSplit(line, '\t');
    if (cells.size() != 2 + kAnswerKinds)
      return wrong(absl::StrCat(2 + kAnswerKinds, " cells, got ", cells.size()));
    const auto name = std::find(kFeatureNames.begin(), kFeatureNames.end(), base::ToStd(cells[0]));
    if (name == kFeatureNames.end()) return wrong("the name of a feature");
    for (size_t cell = 1; cell < cells.size(); ++cell) {
      float weight = 0;
      if (!absl::SimpleAtof(cells[cell], &weight) || !std::isfinite(weight))
        return wrong("finite numbers");
      for (size_t kind = 0; kind < kAnswerKinds; ++kind) {
        if (cell == 1 || cell == 2 + kind)
          ranker.weights_[kind][name - kFeatureNames.begin()] += weight;
      }
    }
  }
  return ranker;
}

const AnswerRanker& AnswerRanker::BuiltIn() {
  static const AnswerRanker* const ranker = [] {
    absl::StatusOr<AnswerRanker> parsed = FromText(kAnswerWeights);
    if (!parsed.ok()) {  // the program was built wrong
      std::fprintf(stderr, "models/answerer: %s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return new AnswerRanker(*std::move(parsed));
  }();
  return *ranker;
}

std::vector<RankedAnswer> AnswerRanker::Rank(AnswerKind kind, std::span<const Candidate> candidates,
                                             std::span<const Features> features) const {
  if (candidates.empty()) return {};
  const Features& weights = weights_[static_cast<size_t>(kind)];
  std::vector<double> scores(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (size_t f = 0; f < kFeatures; ++f) scores[i] += double{weights[f]} * features[i][f];
  }
  const double best = *std::max_element(scores.begin(), scores.end());
  double total = 0;
  for (double score : scores) total += std::exp(score - best);

  std::vector<RankedAnswer> ranked;
  absl::flat_hash_map<std::string, size_t> places;  // in `ranked`, by what an answer reads like
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto [place, added] = places.try_emplace(candidates[i].normal, ranked.size());
    if (added) ranked.push_back({i, 0});
    RankedAnswer& answer = ranked[place->second];
    answer.probability += std::exp(scores[i] - best) / total;
    if (scores[i] > scores[answer.candidate]) answer.candidate = i;
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const RankedAnswer& a, const RankedAnswer& b) {
    return a.probability > b.probability;
  });
  return ranked;
}

}  // namespace foraker::agent
