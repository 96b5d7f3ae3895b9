// What a document's score is: the attention that signal tokens at the prompt's end pay to it, in
// one middle layer.
//
//   z[h,i,j] = q_i . k_j / sqrt(head width), rotated, of head h, signal token i, key j
//   a[h,i,j] = softmax over j of z      over document tokens alone, or over all keys
//   S(d)     = mean over h; mean or sum over i; sum over the tokens j of document d
//
//   variant        signal tokens              softmax over        over i
//   kPaper         ":" and "["                document tokens     sum    (paper, 4.2 and 4.3)
//   kLastToken     "["                        document tokens     -      (authors' first version)
//   kTwoTokens     "[" and the one before it  document tokens     mean   (authors' current code)
//   kAllKeys       "["                        all keys            -      (a later version)
//
// The temperature of training changes no order and is left out.

#ifndef FORAKER_RANKER_SCORING_SCORING_H_
#define FORAKER_RANKER_SCORING_SCORING_H_

#include "retrieval/api/reranker.h"

namespace foraker::ranker {

using Variant = retrieval::RankVariant;

// How a device reduces attention to scores.
struct Scoring {
  bool over_all_keys = false;  // else over document tokens
  bool sum_signals = false;    // else their mean
};

Scoring ScoringOf(Variant variant);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_SCORING_SCORING_H_
