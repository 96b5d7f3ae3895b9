// Quality of rankings, as trec_eval computes it.
//
//   nDCG@10  gain = grade, discount 1 / log2(rank + 1), over the ideal order of all judged
//            (Jarvelin and Kekalainen 2002; trec_eval's ndcg_cut_10)
//   MRR@10   1 / rank of the first relevant document among the first 10, else 0
//   R@10, R@100   relevant documents among the first 10 (100) over all relevant ones
//
// Before anything is counted a ranking is ordered by score, descending, in float32; equal scores by
// document id, descending in bytes: the order in which they came plays no part. Documents without
// a judgement are not relevant.
//
// The mean is over the queries of the run that are judged, hits or none (a query that found nothing
// counts zero, as with trec_eval -c, if the run holds it with an empty ranking). Queries of the run
// without judgements are counted apart.

#ifndef FORAKER_RETRIEVAL_EVAL_METRICS_H_
#define FORAKER_RETRIEVAL_EVAL_METRICS_H_

#include <cstddef>
#include <map>
#include <string>

#include "retrieval/eval/qrels.h"
#include "retrieval/eval/run_file.h"

namespace foraker::retrieval {

struct Metrics {
  double ndcg_10 = 0;
  double mrr_10 = 0;
  double recall_10 = 0;
  double recall_100 = 0;
};

Metrics EvaluateRanking(Ranking ranking, const Grades& grades);

struct Evaluation {
  std::map<std::string, Metrics> by_query;  // judged queries of the run
  Metrics mean;
  size_t unjudged_queries = 0;  // of the run, left out
  size_t missing_queries = 0;   // judged, but not in the run: left out
};

Evaluation Evaluate(const Run& run, const Qrels& qrels);

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_EVAL_METRICS_H_
