// A prompt as the decoder reads it: blocks of token ids, and the tokens that look at the documents.
//
//   block 0        instruction and query         positions 0 ..
//   blocks 1 .. n  a document each               positions L0 .., all the same start (L0: block 0's
//                                                length)
//   block n + 1    the question again, answer's  positions query_offset ..
//                  begin
//
// Source: "Scalable In-context Ranking with Generative Models" (BlockRank), section 4.1, and the
// authors' released code. A plain value.

#ifndef FORAKER_RANKER_PROMPT_PROMPT_H_
#define FORAKER_RANKER_PROMPT_PROMPT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ranker/scoring/scoring.h"

namespace foraker::ranker {

struct Prompt {
  std::vector<uint32_t> ids;         // of all blocks, side by side
  std::vector<uint32_t> block_ends;  // [blocks], into ids; at least two blocks
  uint32_t query_offset = 0;         // position of the last block's first token
  Scoring scoring;
  std::vector<uint32_t> signals;  // into ids, ascending, in the last block

  size_t documents() const { return block_ends.size() - 2; }
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PROMPT_PROMPT_H_
