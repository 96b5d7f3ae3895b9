#include "retrieval/eval/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace foraker::retrieval {
namespace {

constexpr size_t kCut = 10;
constexpr size_t kDeepCut = 100;

double Discount(size_t index) { return 1.0 / std::log2(static_cast<double>(index) + 2.0); }

double IdealGain(const Grades& grades) {
  std::vector<int> gains;
  for (const auto& [id, grade] : grades) {
    if (grade > 0) gains.push_back(grade);
  }
  std::sort(gains.begin(), gains.end(), std::greater<>());
  double sum = 0;
  for (size_t i = 0; i < std::min(gains.size(), kCut); ++i) sum += gains[i] * Discount(i);
  return sum;
}

}  // namespace

Metrics EvaluateRanking(Ranking ranking, const Grades& grades) {
  std::sort(ranking.begin(), ranking.end(), [](const ScoredDocument& a, const ScoredDocument& b) {
    return a.score != b.score ? a.score > b.score : a.id > b.id;
  });
  size_t found_10 = 0;
  size_t found_100 = 0;
  double gain = 0;
  Metrics metrics;
  for (size_t i = 0; i < std::min(ranking.size(), kDeepCut); ++i) {
    const auto judged = grades.find(ranking[i].id);
    if (judged == grades.end() || judged->second <= 0) continue;
    ++found_100;
    if (i >= kCut) continue;
    if (found_10++ == 0) metrics.mrr_10 = 1.0 / static_cast<double>(i + 1);
    gain += judged->second * Discount(i);
  }
  const auto relevant = static_cast<double>(std::count_if(
      grades.begin(), grades.end(), [](const auto& judged) { return judged.second > 0; }));
  if (relevant > 0) {
    metrics.ndcg_10 = gain / IdealGain(grades);
    metrics.recall_10 = static_cast<double>(found_10) / relevant;
    metrics.recall_100 = static_cast<double>(found_100) / relevant;
  }
  return metrics;
}

Evaluation Evaluate(const Run& run, const Qrels& qrels) {
  Evaluation evaluation;
  for (const auto& [query, ranking] : run) {
    const auto judged = qrels.find(query);
    if (judged == qrels.end()) {
      ++evaluation.unjudged_queries;
      continue;
    }
    evaluation.by_query[query] = EvaluateRanking(ranking, judged->second);
  }
  const size_t queries = evaluation.by_query.size();
  evaluation.missing_queries = qrels.size() - queries;
  Metrics& mean = evaluation.mean;
  for (const auto& [query, metrics] : evaluation.by_query) {
    mean.ndcg_10 += metrics.ndcg_10;
    mean.mrr_10 += metrics.mrr_10;
    mean.recall_10 += metrics.recall_10;
    mean.recall_100 += metrics.recall_100;
  }
  if (queries > 0) {
    for (double* sum : {&mean.ndcg_10, &mean.mrr_10, &mean.recall_10, &mean.recall_100}) {
      *sum /= static_cast<double>(queries);
    }
  }
  return evaluation;
}

}  // namespace foraker::retrieval
