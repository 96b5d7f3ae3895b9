// What a pass must compute, against a count over every pair of rows.

#include "ranker/decoder/operations.h"

#include <gtest/gtest.h>

namespace foraker::ranker {
namespace {

DecoderConfig Config() {
  DecoderConfig config;
  config.hidden = 12;
  config.intermediate = 20;
  config.layers = 4;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_width = 5;
  config.vocabulary = 100;
  config.max_positions = 1000;
  return config;
}

Prompt ListOf(std::vector<uint32_t> blocks, Scoring scoring) {
  Prompt prompt;
  for (const uint32_t block : blocks) {
    prompt.ids.resize(prompt.ids.size() + block, 1);
    prompt.block_ends.push_back(static_cast<uint32_t>(prompt.ids.size()));
  }
  prompt.query_offset = 500;
  prompt.scoring = scoring;
  const auto end = static_cast<uint32_t>(prompt.ids.size());
  prompt.signals = {end - 2, end - 1};
  return prompt;
}

bool Holds(const RowRange& range, uint32_t row) { return row >= range.begin && row < range.end; }

bool Sees(const PassList& list, uint32_t row, uint32_t key) {
  if (Holds(list.instruction, row)) return Holds(list.instruction, key) && key <= row;
  if (Holds(list.query, row)) return key >= list.instruction.begin && key <= row;
  for (const RowRange& document : list.documents) {
    if (!Holds(document, row)) continue;
    return Holds(list.instruction, key) || (Holds(document, key) && key <= row);
  }
  return false;
}

double SeenPairs(const Pass& pass) {
  double pairs = 0;
  for (const PassList& list : pass.lists) {
    for (uint32_t row = 0; row < pass.rows(); ++row) {
      for (uint32_t key = 0; key < pass.rows(); ++key) pairs += Sees(list, row, key) ? 1 : 0;
    }
  }
  return pairs;
}

Pass TwoLists(Scoring scoring) {
  Pass pass;
  pass.Add(ListOf({7, 3, 1, 5, 4}, scoring));
  pass.Add(ListOf({2, 6, 3}, scoring));
  return pass;
}

TEST(OperationsTest, WholeLayersAreCountedByRowsAndByPairsThatMeet) {
  const Pass pass = TwoLists({});
  const Operations operations = CountOperations(Config(), {.layers = 3, .scoring = {}}, pass);
  const double weights = 12 * (20 + 10 + 10) + 20 * 12 + 3 * 12 * 20;  // q, k, v; out; feed-forward
  EXPECT_EQ(operations.products, 2 * 3 * weights * 31);
  EXPECT_EQ(operations.attention, 3 * 4 * 20 * SeenPairs(pass));
  EXPECT_EQ(operations.total(), operations.products + operations.attention);
}

TEST(OperationsTest, AScoringLayerIsKeysAndSignals) {
  const Pass documents_alone = TwoLists({});
  const Operations alone = CountOperations(Config(), {.layers = 0, .scoring = 0}, documents_alone);
  EXPECT_EQ(alone.products, 2 * 12 * (15 * 10 + 4 * 20));
  EXPECT_EQ(alone.attention, 2 * 20 * (2 * 9 + 2 * 6));
  const Pass all_keys = TwoLists({.over_all_keys = true, .sum_signals = false});
  const Operations all = CountOperations(Config(), {.layers = 0, .scoring = 0}, all_keys);
  EXPECT_EQ(all.products, 2 * 12 * (31 * 10 + 4 * 20));
  EXPECT_EQ(all.attention, 2 * 20 * (2 * 20 + 2 * 11));
}

TEST(OperationsTest, APlainSequenceHasNoScoringLayer) {
  Pass pass;
  pass.AddCausal(std::vector<uint32_t>(9, 1));
  const Operations operations = CountOperations(Config(), {.layers = 1, .scoring = 1}, pass);
  EXPECT_EQ(operations.attention, 4 * 20 * 45);
}

}  // namespace
}  // namespace foraker::ranker
