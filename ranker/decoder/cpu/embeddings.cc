#include "ranker/decoder/cpu/embeddings.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/float16.h"
#include "model/cpu/panel_linear.h"

namespace foraker::ranker {
namespace {

float ExpandBf16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

bool IsBf16(float value) { return (std::bit_cast<uint32_t>(value) & 0xffffu) == 0; }

bool IsFloat16(float value) {
  return std::bit_cast<uint32_t>(base::Float16ToFloat(base::FloatToFloat16(value))) ==
         std::bit_cast<uint32_t>(value);
}

}  // namespace

Embeddings::Embeddings(std::vector<float> values, size_t width, bool round) : width_(width) {
  if (round || std::all_of(values.begin(), values.end(), IsBf16)) {
    form_ = Form::kBf16;
  } else if (std::all_of(values.begin(), values.end(), IsFloat16)) {
    form_ = Form::kF16;
  } else {
    floats_ = std::move(values);
    return;
  }
  const auto narrow = form_ == Form::kBf16 ? model::RoundToBf16 : base::FloatToFloat16;
  halves_.reserve(values.size());
  for (const float value : values) halves_.push_back(narrow(value));
}

void Embeddings::Read(uint32_t id, float* row) const {
  const size_t begin = id * width_;
  switch (form_) {
    case Form::kF32:
      std::copy_n(floats_.data() + begin, width_, row);
      return;
    case Form::kBf16:
      std::transform(halves_.data() + begin, halves_.data() + begin + width_, row, ExpandBf16);
      return;
    case Form::kF16:
      std::transform(halves_.data() + begin, halves_.data() + begin + width_, row,
                     base::Float16ToFloat);
      return;
  }
}

size_t Embeddings::bytes() const {
  return floats_.size() * sizeof(float) + halves_.size() * sizeof(uint16_t);
}

}  // namespace foraker::ranker
