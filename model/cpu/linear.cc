#include "model/cpu/linear.h"

#include <algorithm>

#include "model/cpu/cpu_engine.h"
#include "model/cpu/quantise_weight.h"

// libgomp's, which oneDNN runs on. clang ships no <omp.h>.
extern "C" void omp_set_num_threads(int threads);
extern "C" int omp_get_max_threads(void);

namespace foraker::model {
namespace {

using DataType = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

dnnl::memory::dim Dim(size_t n) { return static_cast<dnnl::memory::dim>(n); }

size_t WholeTiles(size_t rows) { return (rows + RowTile() - 1) / RowTile() * RowTile(); }

bool HasAvx512() {
  const auto bits = [](dnnl::cpu_isa isa) { return static_cast<unsigned>(isa); };
  const unsigned avx512 = bits(dnnl::cpu_isa::avx512_core);
  return (bits(dnnl::get_effective_cpu_isa()) & avx512) == avx512;
}

}  // namespace

size_t RowTile() {
  static const size_t rows = HasAvx512() ? 32 : 24;
  return rows;
}

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
    MakeProducts(weight.data());
  } else {
    MakeProducts(QuantiseWeight(weight).data());
  }
}

std::vector<int8_t> Linear::QuantiseWeight(std::span<const float> weight) {
  scale_.resize(out_);
  sum_.resize(out_);
  std::vector<int8_t> bytes(in_ * out_);
  for (size_t o = 0; o < out_; ++o) {
    const ByteRow row = QuantiseWeightRow(weight.subspan(o * in_, in_), &bytes[o * in_]);
    scale_[o] = row.scale;
    sum_[o] = row.sum;
  }
  return bytes;
}

dnnl::inner_product_forward::primitive_desc Linear::Describe(
    size_t rows, const dnnl::memory::desc& weights) const {
  const bool int8 = precision_ == Precision::kInt8;
  const dnnl::memory::desc in({Dim(rows), Dim(in_)}, int8 ? DataType::u8 : DataType::f32, Tag::ab);
  const dnnl::memory::desc out({Dim(rows), Dim(out_)}, int8 ? DataType::s32 : DataType::f32,
                               Tag::ab);
  const dnnl::memory::desc bias({Dim(out_)}, DataType::f32, Tag::a);
  const auto inference = dnnl::prop_kind::forward_inference;
  const auto operation = int8
                             ? dnnl::inner_product_forward::desc(inference, in, weights, out)
                             : dnnl::inner_product_forward::desc(inference, in, weights, bias, out);
  dnnl::primitive_attr attributes;
  // The library's own scratch belongs to the thread that made the primitive.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return {operation, attributes, CpuEngine()};
}

void Linear::MakeProducts(const void* weight) {
  const bool int8 = precision_ == Precision::kInt8;
  const DataType type = int8 ? DataType::s8 : DataType::f32;
  const size_t tile = RowTile();
  const auto whole = Describe(tile, {{Dim(out_), Dim(in_)}, type, Tag::any});
  // Sums of integers are exact in any order, so the last rows may take a shorter way.
  if (int8) {
    const auto half = Describe(tile / 2, whole.weights_desc());
    products_.push_back({tile / 2, half.src_desc(), half.dst_desc(), half.scratchpad_desc(),
                         dnnl::inner_product_forward(half)});
  }
  products_.push_back({tile, whole.src_desc(), whole.dst_desc(), whole.scratchpad_desc(),
                       dnnl::inner_product_forward(whole)});
  if (!int8)
    packed_bias_ = dnnl::memory({{Dim(out_)}, DataType::f32, Tag::a}, CpuEngine(), bias_.data());

  // oneDNN takes sources of copies by a pointer to non-const.
  dnnl::memory plain({{Dim(out_), Dim(in_)}, type, Tag::ab}, CpuEngine(),
                     const_cast<void*>(weight));
  packed_ = dnnl::memory(whole.weights_desc(), CpuEngine());
  dnnl::stream stream(CpuEngine());
  dnnl::reorder(plain, packed_).execute(stream, plain, packed_);
  stream.wait();
}

LinearScratch::LinearScratch() : stream(CpuEngine()) {}

LinearRun::LinearRun(const Linear& linear, const Activations& in, const Kernels& kernels,
                     LinearScratch& scratch)
    : linear_(linear), in_(in), kernels_(kernels), scratch_(scratch) {
  scratch.tile.Reserve(RowTile() * linear.out());
  scratch.row.Reserve(linear.out());
  for (const Linear::TileProduct& product : linear.products_) {
    scratch.library.Reserve(product.scratch.get_size());
  }
  for (const Linear::TileProduct& product : linear.products_) {
    auto& arguments = arguments_.emplace_back();
    arguments[DNNL_ARG_SRC] = dnnl::memory(product.in, CpuEngine(), nullptr);
    arguments[DNNL_ARG_WEIGHTS] = linear.packed_;
    arguments[DNNL_ARG_DST] = dnnl::memory(product.out, CpuEngine(), scratch.tile.data());
    arguments[DNNL_ARG_SCRATCHPAD] =
        dnnl::memory(product.scratch, CpuEngine(), scratch.library.data());
    if (linear.precision_ == Precision::kF32) arguments[DNNL_ARG_BIAS] = linear.packed_bias_;
  }
}

void LinearRun::Multiply(size_t first) {
  first_ = first;
  const size_t rows = in_.rows() - first;
  const bool is_short = arguments_.size() > 1 && rows <= linear_.products_.front().rows;
  const size_t chosen = is_short ? 0 : arguments_.size() - 1;
  arguments_[chosen][DNNL_ARG_SRC].set_data_handle(const_cast<void*>(in_.Row(first)));
  linear_.products_[chosen].primitive.execute(scratch_.stream, arguments_[chosen]);
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
  const size_t tile = RowTile();
  for (size_t first = 0; first < in.rows(); first += tile) {
    run.Multiply(first);
    for (size_t r = 0; r < tile && first + r < in.rows(); ++r) {
      run.CopyRow(r, out + (first + r) * linear.out());
    }
  }
}

}  // namespace foraker::model
