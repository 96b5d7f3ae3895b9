// The 260-thousand-parameter Llama of ../shared/models/stories260k as a Hugging Face directory.
//
// The file is llama2.c's: seven int32 (dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size,
// seq_len), then float32 tensors, each for all layers in turn. Its queries and keys turn in pairs
// of neighbours (2i, 2i + 1), so their rows are put in the order of Hugging Face, where i pairs
// with i + width / 2. For tests; a failure is fatal.

#ifndef FORAKER_TESTS_RANKER_STORIES_CHECKPOINT_H_
#define FORAKER_TESTS_RANKER_STORIES_CHECKPOINT_H_

#include <string>
#include <vector>

#include "ranker/decoder/decoder_config.h"

namespace foraker::ranker {

struct StoriesModel {
  DecoderConfig config;
  std::vector<float> embeddings;  // [vocabulary, hidden]; the head too
  std::vector<float> last_norm;   // [hidden]
};

// stories260K.bin, or "" where ../shared (FORAKER_SHARED) is not there.
std::string StoriesFile();

// Writes config.json and model.safetensors; what the decoder leaves out is returned.
StoriesModel WriteStoriesCheckpoint(const std::string& file, const std::string& directory);

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_STORIES_CHECKPOINT_H_
