// One ragged pass through the decoder: the tokens of several lists side by side, without padding.
//
// Every token is a row. Which rows see which follows from the blocks (the mask of BlockRank):
//   instruction  causal in itself
//   document     causal in itself, and all of the instruction
//   query        causal in itself, and all of the instruction and of every document
// A list of an instruction alone is an ordinary causal sequence. A plain value.

#ifndef FORAKER_RANKER_DECODER_PASS_H_
#define FORAKER_RANKER_DECODER_PASS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ranker/prompt/prompt.h"
#include "ranker/scoring/scoring.h"

namespace foraker::ranker {

// Rows [begin, end) of a pass.
struct RowRange {
  uint32_t begin = 0;
  uint32_t end = 0;

  uint32_t size() const { return end - begin; }
};

struct PassList {
  RowRange instruction;
  std::vector<RowRange> documents;
  RowRange query;  // empty: a plain causal sequence
  Scoring scoring;
  std::vector<uint32_t> signals;  // rows of the query, ascending
};

struct Pass {
  std::vector<uint32_t> ids;        // [rows]
  std::vector<uint32_t> positions;  // [rows]
  std::vector<PassList> lists;

  uint32_t rows() const { return static_cast<uint32_t>(ids.size()); }

  void Add(const Prompt& prompt);
  void AddCausal(std::span<const uint32_t> ids);
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_PASS_H_
