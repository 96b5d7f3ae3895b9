#include "model/cpu/linear.h"

#include <algorithm>
#include <cmath>

// libgomp's, which oneDNN runs on. clang ships no <omp.h>.
extern "C" void omp_set_num_threads(int threads);
extern "C" int omp_get_max_threads(void);

namespace foraker::model {
namespace {

using DataType = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

dnnl::engine& Engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::memory::dim Dim(size_t n) { return static_cast<dnnl::memory::dim>(n); }

size_t WholeTiles(size_t rows) { return (rows + kRowTile - 1) / kRowTile * kRowTile; }

}  // namespace

OneThread::OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
OneThread::~OneThread() { omp_set_num_threads(before_); }

void Activations::Resize(size_t rows, size_t width) {
  rows_ = rows;
  width_ = width;
  if (int8_) {
    bytes_.Reserve(WholeTiles(rows) * width);
    scales_.Reserve(WholeTiles(rows));
  } else {
    values_.Reserve(WholeTiles(rows) * width);
  }
}

void Activations::Store(size_t row, const float* values) {
  if (int8_) {
    scales_.data()[row] = kernels_->quantise(values, width_, bytes_.data() + row * width_);
  } else {
    std::copy_n(values, width_, values_.data() + row * width_);
  }
}

const void* Activations::Row(size_t row) const {
  if (int8_) return bytes_.data() + row * width_;
  return values_.data() + row * width_;
}

Linear::Linear(size_t in, size_t out, std::span<const float> weight, std::span<const float> bias,
               Precision precision)
    : in_(in), out_(out), precision_(precision), bias_(out, 0.0f) {
  std::copy(bias.begin(), bias.end(), bias_.begin());
  if (precision == Precision::kF32) {
    MakeProduct(weight.data());
  } else {
    MakeProduct(QuantiseWeight(weight).data());
  }
}

std::vector<int8_t> Linear::QuantiseWeight(std::span<const float> weight) {
  constexpr float kLargestByte = 127;
  scale_.resize(out_);
  sum_.resize(out_);
  std::vector<int8_t> bytes(in_ * out_);
  for (size_t o = 0; o < out_; ++o) {
    const std::span<const float> row = weight.subspan(o * in_, in_);
    float largest = 0;
    for (const float w : row) largest = std::max(largest, std::abs(w));
    scale_[o] = largest / kLargestByte;
    const float inverse = largest > 0 ? kLargestByte / largest : 0;
    int32_t sum = 0;
    for (size_t i = 0; i < in_; ++i) {
      const auto byte = static_cast<int8_t>(std::nearbyint(row[i] * inverse));
      bytes[o * in_ + i] = byte;
      sum += byte;
    }
    sum_[o] = static_cast<float>(sum);
  }
  return bytes;
}

void Linear::MakeProduct(const void* weight) {
  const bool int8 = precision_ == Precision::kInt8;
  const DataType weight_type = int8 ? DataType::s8 : DataType::f32;
  tile_in_ = {{Dim(kRowTile), Dim(in_)}, int8 ? DataType::u8 : DataType::f32, Tag::ab};
  tile_out_ = {{Dim(kRowTile), Dim(out_)}, int8 ? DataType::s32 : DataType::f32, Tag::ab};
  const dnnl::memory::desc best({Dim(out_), Dim(in_)}, weight_type, Tag::any);
  dnnl::primitive_attr attributes;
  // The library's own scratch belongs to the thread that made the primitive.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const auto inference = dnnl::prop_kind::forward_inference;
  const dnnl::memory::desc bias_desc({Dim(out_)}, DataType::f32, Tag::a);
  const auto operation =
      int8 ? dnnl::inner_product_forward::desc(inference, tile_in_, best, tile_out_)
           : dnnl::inner_product_forward::desc(inference, tile_in_, best, bias_desc, tile_out_);
  const dnnl::inner_product_forward::primitive_desc chosen(operation, attributes, Engine());
  product_ = dnnl::inner_product_forward(chosen);
  library_scratch_ = chosen.scratchpad_desc();
  if (!int8) packed_bias_ = dnnl::memory(bias_desc, Engine(), bias_.data());

  // oneDNN takes sources of copies by a pointer to non-const.
  dnnl::memory plain({{Dim(out_), Dim(in_)}, weight_type, Tag::ab}, Engine(),
                     const_cast<void*>(weight));
  packed_ = dnnl::memory(chosen.weights_desc(), Engine());
  dnnl::stream stream(Engine());
  dnnl::reorder(plain, packed_).execute(stream, plain, packed_);
  stream.wait();
}

LinearScratch::LinearScratch() : stream(Engine()) {}

LinearRun::LinearRun(const Linear& linear, const Activations& in, const Kernels& kernels,
                     LinearScratch& scratch)
    : linear_(linear), in_(in), kernels_(kernels), scratch_(scratch) {
  scratch.tile.Reserve(kRowTile * linear.out());
  scratch.row.Reserve(linear.out());
  scratch.library.Reserve(linear.library_scratch_.get_size());
  source_ = dnnl::memory(linear.tile_in_, Engine(), nullptr);
  arguments_ = {
      {DNNL_ARG_SRC, source_},
      {DNNL_ARG_WEIGHTS, linear.packed_},
      {DNNL_ARG_DST, dnnl::memory(linear.tile_out_, Engine(), scratch.tile.data())},
      {DNNL_ARG_SCRATCHPAD,
       dnnl::memory(linear.library_scratch_, Engine(), scratch.library.data())},
  };
  if (linear.precision_ == Precision::kF32) arguments_[DNNL_ARG_BIAS] = linear.packed_bias_;
}

void LinearRun::Multiply(size_t first) {
  first_ = first;
  source_.set_data_handle(const_cast<void*>(in_.Row(first)));
  linear_.product_.execute(scratch_.stream, arguments_);
}

const int32_t* LinearRun::sums() const {
  return reinterpret_cast<const int32_t*>(scratch_.tile.data());
}

float* LinearRun::Row(size_t r) {
  if (linear_.precision_ == Precision::kF32) return scratch_.tile.data() + r * linear_.out_;
  CopyRow(r, scratch_.row.data());
  return scratch_.row.data();
}

void LinearRun::CopyRow(size_t r, float* out) const {
  const size_t width = linear_.out_;
  if (linear_.precision_ == Precision::kF32) {
    std::copy_n(tile() + r * width, width, out);
  } else {
    kernels_.dequantise(sums() + r * width, linear_.columns(), in_.scales()[first_ + r], width,
                        out);
  }
}

void Multiply(const Linear& linear, const Activations& in, const Kernels& kernels,
              LinearScratch& scratch, float* out) {
  LinearRun run(linear, in, kernels, scratch);
  for (size_t first = 0; first < in.rows(); first += kRowTile) {
    run.Multiply(first);
    for (size_t r = 0; r < kRowTile && first + r < in.rows(); ++r) {
      run.CopyRow(r, out + (first + r) * linear.out());
    }
  }
}

}  // namespace foraker::model
