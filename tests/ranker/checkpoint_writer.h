// Model directories for tests, as Hugging Face writes them: config.json, and the weights of a
// source as safetensors, in one file or in shards.
//
// What is written is what OpenCheckpoint reads, so that tests on made weights go the way of a
// released checkpoint. Functions of their arguments and the file system; a failure is fatal.

#ifndef FORAKER_TESTS_RANKER_CHECKPOINT_WRITER_H_
#define FORAKER_TESTS_RANKER_CHECKPOINT_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ranker/decoder/decoder_config.h"
#include "ranker/decoder/weight_source.h"

namespace foraker::ranker {

// A tensor as it will lie in a file.
struct NamedTensor {
  std::string name;
  std::vector<uint64_t> shape;
  std::vector<float> values;
};

struct CheckpointOptions {
  bool bf16 = false;    // values rounded to the nearest bfloat16; else F32
  uint32_t shards = 1;  // 1: model.safetensors; else shards and their index
};

// Every tensor of the model: embeddings, layers, last norm (ones), and, where the embeddings are
// not tied, a head (zeros).
std::vector<NamedTensor> TensorsOf(const DecoderConfig& config, WeightSource& weights);

// The text of config.json. ParseDecoderConfig gives the config again.
std::string ConfigJson(const DecoderConfig& config);

void WriteTensors(const std::string& directory, const std::vector<NamedTensor>& tensors,
                  const CheckpointOptions& options = {});

// config.json and all weights.
void WriteCheckpoint(const std::string& directory, const DecoderConfig& config,
                     WeightSource& weights, const CheckpointOptions& options = {});

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_CHECKPOINT_WRITER_H_
