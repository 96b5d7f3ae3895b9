// Arbitrary bytes as qrels, as a run and as a stem table; what was read can be judged and comes
// back from its own text.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "retrieval/eval/metrics.h"
#include "retrieval/eval/qrels.h"
#include "retrieval/eval/run_file.h"
#include "retrieval/stem_prior.h"
#include "tests/fuzz/require.h"

namespace foraker {
namespace {

void CheckRange(double value) { Require(value >= 0 && value <= 1 + 1e-9); }

void CheckRun(const retrieval::Run& run, const retrieval::Qrels& qrels) {
  const retrieval::Evaluation evaluation = retrieval::Evaluate(run, qrels);
  for (const auto& [query, metrics] : evaluation.by_query) {
    CheckRange(metrics.ndcg_10);
    CheckRange(metrics.mrr_10);
    CheckRange(metrics.recall_10);
    CheckRange(metrics.recall_100);
  }
  std::string text;
  for (const auto& [query, ranking] : run) {
    text += retrieval::FormatRanking(query, ranking, "tag");
  }
  const auto again = retrieval::ParseRun(text, "again");
  Require(again.ok() && *again == run);
}

}  // namespace
}  // namespace foraker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace foraker;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto qrels = retrieval::ParseQrels(text, "qrels");
  const auto run = retrieval::ParseRun(text, "run");
  if (run.ok()) CheckRun(*run, qrels.ok() ? *qrels : retrieval::Qrels());
  static_cast<void>(retrieval::StemPrior::Parse(text));
  return 0;
}
