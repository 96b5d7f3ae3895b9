// The tiny encoders of tests/golden/encoders for tests of what is built on them: a vocabulary of
// 279 words and letters, 40 positions (38 tokens of text), random weights.

#ifndef FORAKER_TESTS_RETRIEVAL_MODEL_FIXTURES_H_
#define FORAKER_TESTS_RETRIEVAL_MODEL_FIXTURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "index/segment/document.h"
#include "model/encoder/sparse_encoder.h"
#include "retrieval/ingest/batch_build.h"
#include "retrieval/loaded_encoder.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

std::string ModelDirectory(const std::string& name = "bert");

// Settings of a collection of that model, in float32.
DocumentSide ModelSettings(const std::string& name = "bert");

LoadedEncoder LoadedFixture(const std::string& name = "bert");

std::vector<uint32_t> TokenIds(const LoadedEncoder& encoder, const std::string& text);

// What the model says of the text, alone.
std::vector<model::LearnedTerm> LearnedTermsOf(const LoadedEncoder& encoder,
                                               const std::string& text);

index::TermKey TokenKey(uint32_t id);
index::TermKey TokenKey(const LoadedEncoder& encoder, const std::string& token);

// A build like BuildOf with a model in float32, into passages that its positions hold.
BatchBuildOptions NeuralBuildOf(const std::vector<std::string>& inputs,
                                const std::string& model = ModelDirectory());

// JSON lines of words that the vocabulary has.
std::string ModelLines(uint64_t seed, size_t lines, size_t words);

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_MODEL_FIXTURES_H_
