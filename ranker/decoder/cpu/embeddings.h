// Token embeddings in the narrowest form that loses nothing: a vocabulary's are large, and most
// checkpoints hold them in 16 bits.
//
// Immutable and safe for concurrent use.

#ifndef FORAKER_RANKER_DECODER_CPU_EMBEDDINGS_H_
#define FORAKER_RANKER_DECODER_CPU_EMBEDDINGS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace foraker::ranker {

class Embeddings {
 public:
  // values: [vocabulary, width]. `round`: to bfloat16, where they are not so already.
  Embeddings(std::vector<float> values, size_t width, bool round);

  void Read(uint32_t id, float* row) const;  // [width]
  size_t bytes() const;

 private:
  enum class Form { kF32, kBf16, kF16 };

  size_t width_;
  Form form_ = Form::kF32;
  std::vector<float> floats_;
  std::vector<uint16_t> halves_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_CPU_EMBEDDINGS_H_
