// A complete model directory with random weights and a tokenizer of bytes, small enough to be made,
// loaded and run in a moment. What it ranks means nothing.

#ifndef FORAKER_TESTS_RANKER_TINY_RANKER_H_
#define FORAKER_TESTS_RANKER_TINY_RANKER_H_

#include <string>

#include "ranker/decoder/decoder_config.h"

namespace foraker::ranker {

// Four layers, 2,000 positions, a token a byte; the third layer scores.
DecoderConfig TinyConfig();

// blockrank.json as WriteTinyRanker writes it, with more keys ("\"layer\": 1") at its end.
std::string TinyRankJson(const std::string& more = "");
// tokenizer.json of the 256 bytes.
std::string ByteTokenizerJson();

void WriteTinyRanker(const std::string& directory);

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_TINY_RANKER_H_
