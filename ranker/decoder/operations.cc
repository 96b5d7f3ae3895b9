#include "ranker/decoder/operations.h"

namespace foraker::ranker {
namespace {

// Pairs of a row and one that it sees, itself included.
double Causal(const RowRange& block) { return 0.5 * block.size() * (block.size() + 1.0); }

double SeenPairs(const PassList& list) {
  const double instruction = list.instruction.size();
  double pairs = Causal(list.instruction) + Causal(list.query);
  double before_query = instruction;
  for (const RowRange& document : list.documents) {
    pairs += Causal(document) + document.size() * instruction;
    before_query += document.size();
  }
  return pairs + list.query.size() * before_query;
}

double DocumentRows(const PassList& list) {
  double rows = 0;
  for (const RowRange& document : list.documents) rows += document.size();
  return rows;
}

}  // namespace

Operations CountOperations(const DecoderConfig& config, const WantedLayers& layers,
                           const Pass& pass) {
  const double hidden = config.hidden;
  const double query_width = config.query_width();
  const double key_width = config.key_width();
  const double row_weights = hidden * (2 * query_width + 2 * key_width + 3.0 * config.intermediate);
  Operations operations;
  operations.products = 2.0 * layers.layers * pass.rows() * row_weights;
  for (const PassList& list : pass.lists) {
    operations.attention += 4 * query_width * layers.layers * SeenPairs(list);
    if (!layers.scoring.has_value() || list.documents.empty()) continue;
    const double keys =
        DocumentRows(list) +
        (list.scoring.over_all_keys ? list.instruction.size() + list.query.size() : 0.0);
    const auto signals = static_cast<double>(list.signals.size());
    operations.products += 2 * hidden * (keys * key_width + signals * query_width);
    operations.attention += 2 * query_width * signals * keys;
  }
  return operations;
}

}  // namespace foraker::ranker
