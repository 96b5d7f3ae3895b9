#include "model/cpu/panel_linear.h"

#include <bit>

#include "model/cpu/cpu_engine.h"
#include "model/cpu/quantise_weight.h"

namespace foraker::model {
namespace {

using DataType = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

dnnl::memory::dim Dim(size_t n) { return static_cast<dnnl::memory::dim>(n); }

// Rows of weights in the layout that a product wants.
void Reorder(const void* plain, size_t rows, size_t in, DataType type,
             const dnnl::memory::desc& packed, void* out) {
  // oneDNN takes sources of copies by a pointer to non-const.
  dnnl::memory from({{Dim(rows), Dim(in)}, type, Tag::ab}, CpuEngine(), const_cast<void*>(plain));
  dnnl::memory to(packed, CpuEngine(), out);
  dnnl::stream stream(CpuEngine());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

}  // namespace

uint16_t RoundToBf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return static_cast<uint16_t>((bits >> 16) | 0x40u);  // NaN
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

PanelLinear::PanelLinear(size_t in, size_t out, std::span<const float> weight, WeightFormat format)
    : in_(in), out_(out), format_(format) {
  if (out >= kPanelColumns) products_.push_back(MakeProduct(kPanelColumns));
  if (out % kPanelColumns != 0) products_.push_back(MakeProduct(out % kPanelColumns));
  const size_t element = format == WeightFormat::kInt8 ? sizeof(int8_t) : sizeof(float);
  for (const Product& product : products_) {
    panel_elements_ = std::max(panel_elements_, product.weights.get_size() / element);
  }
  const size_t elements = panel_elements_ * panels();
  if (format == WeightFormat::kF32) floats_.Reserve(elements);
  if (format == WeightFormat::kBf16) halves_.Reserve(elements);
  if (format == WeightFormat::kInt8) {
    bytes_.Reserve(elements);
    scale_.resize(out);
    sum_.resize(out);
  }
  for (size_t panel = 0; panel < panels(); ++panel) {
    const auto rows = weight.subspan(panel * kPanelColumns * in, columns(panel) * in);
    if (format == WeightFormat::kInt8) {
      PackBytes(panel, rows);
    } else {
      PackFloats(panel, rows);
    }
  }
}

size_t PanelLinear::weight_bytes() const {
  return floats_.size() * sizeof(float) + halves_.size() * sizeof(uint16_t) + bytes_.size();
}

PanelLinear::Product PanelLinear::MakeProduct(size_t columns) const {
  const bool int8 = format_ == WeightFormat::kInt8;
  const dnnl::memory::desc in({Dim(kPanelRows), Dim(in_)}, int8 ? DataType::u8 : DataType::f32,
                              Tag::ab);
  const dnnl::memory::desc weights({Dim(columns), Dim(in_)}, int8 ? DataType::s8 : DataType::f32,
                                   Tag::any);
  const dnnl::memory::desc out({Dim(kPanelRows), Dim(columns)},
                               int8 ? DataType::s32 : DataType::f32, Tag::ab);
  dnnl::primitive_attr attributes;
  // The library's own scratch belongs to the thread that made the primitive.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::inner_product_forward::primitive_desc described(
      dnnl::inner_product_forward::desc(dnnl::prop_kind::forward_inference, in, weights, out),
      attributes, CpuEngine());
  return {columns,
          described.src_desc(),
          described.weights_desc(),
          described.dst_desc(),
          described.scratchpad_desc(),
          dnnl::inner_product_forward(described)};
}

const PanelLinear::Product& PanelLinear::ProductOf(size_t panel) const {
  return columns(panel) == kPanelColumns ? products_.front() : products_.back();
}

void PanelLinear::PackFloats(size_t panel, std::span<const float> weight) {
  const dnnl::memory::desc& layout = ProductOf(panel).weights;
  if (format_ == WeightFormat::kF32) {
    Reorder(weight.data(), columns(panel), in_, DataType::f32, layout,
            floats_.data() + panel * panel_elements_);
    return;
  }
  AlignedArray<float> packed(panel_elements_);
  Reorder(weight.data(), columns(panel), in_, DataType::f32, layout, packed.data());
  uint16_t* const halves = halves_.data() + panel * panel_elements_;
  for (size_t i = 0; i < panel_elements_; ++i) halves[i] = RoundToBf16(packed.data()[i]);
}

void PanelLinear::PackBytes(size_t panel, std::span<const float> weight) {
  std::vector<int8_t> bytes(weight.size());
  for (size_t row = 0; row < columns(panel); ++row) {
    const ByteRow scale = QuantiseWeightRow(weight.subspan(row * in_, in_), &bytes[row * in_]);
    scale_[panel * kPanelColumns + row] = scale.scale;
    sum_[panel * kPanelColumns + row] = scale.sum;
  }
  Reorder(bytes.data(), columns(panel), in_, DataType::s8, ProductOf(panel).weights,
          bytes_.data() + panel * panel_elements_);
}

PanelScratch::PanelScratch() : stream(CpuEngine()), tile(kPanelRows * kPanelColumns) {}

PanelRun::PanelRun(const PanelLinear& linear, const Activations& in, const Kernels& kernels,
                   PanelScratch& scratch)
    : linear_(linear), in_(in), kernels_(kernels), scratch_(scratch) {
  for (const PanelLinear::Product& product : linear.products_) {
    scratch.library.Reserve(product.scratch.get_size());
  }
  if (linear.format_ == WeightFormat::kBf16) scratch.expanded.Reserve(linear.panel_elements_);
}

void PanelRun::ChoosePanel(size_t panel) {
  panel_ = panel;
  const PanelLinear::Product& product = linear_.ProductOf(panel);
  const size_t begin = panel * linear_.panel_elements_;
  const void* weights = nullptr;
  switch (linear_.format_) {
    case WeightFormat::kF32:
      weights = linear_.floats_.data() + begin;
      break;
    case WeightFormat::kBf16:
      kernels_.expand_bf16(linear_.halves_.data() + begin, linear_.panel_elements_,
                           scratch_.expanded.data());
      weights = scratch_.expanded.data();
      break;
    case WeightFormat::kInt8:
      weights = linear_.bytes_.data() + begin;
      break;
  }
  if (product_ != &product) {
    product_ = &product;
    arguments_[DNNL_ARG_SRC] = dnnl::memory(product.in, CpuEngine(), nullptr);
    arguments_[DNNL_ARG_WEIGHTS] = dnnl::memory(product.weights, CpuEngine(), nullptr);
    arguments_[DNNL_ARG_DST] = dnnl::memory(product.out, CpuEngine(), scratch_.tile.data());
    arguments_[DNNL_ARG_SCRATCHPAD] =
        dnnl::memory(product.scratch, CpuEngine(), scratch_.library.data());
  }
  arguments_[DNNL_ARG_WEIGHTS].set_data_handle(const_cast<void*>(weights));
}

void PanelRun::Multiply(size_t first) {
  first_ = first;
  arguments_[DNNL_ARG_SRC].set_data_handle(const_cast<void*>(in_.Row(first)));
  product_->primitive.execute(scratch_.stream, arguments_);
}

SumTile PanelRun::SumsOf(size_t first, size_t rows) const {
  return {.sums = reinterpret_cast<const int32_t*>(TileRow(first)),
          .rows = rows,
          .columns = columns(),
          .column_scale = linear_.scale_.data() + first_column(),
          .column_sum = linear_.sum_.data() + first_column(),
          .row_scales = in_.scales() + first_ + first};
}

void PanelRun::CopyTo(size_t rows, float* out, size_t stride) const {
  if (is_int8()) return kernels_.dequantise_tile(SumsOf(0, rows), out, stride);
  for (size_t r = 0; r < rows; ++r) std::copy_n(TileRow(r), columns(), out + r * stride);
}

void PanelRun::AddTo(size_t rows, float* out, size_t stride) const {
  if (is_int8()) return kernels_.dequantise_add_tile(SumsOf(0, rows), out, stride);
  for (size_t r = 0; r < rows; ++r) kernels_.add(TileRow(r), columns(), out + r * stride);
}

void PanelRun::GateTo(size_t rows, float* out, size_t stride) const {
  if (is_int8()) return kernels_.dequantise_gate_tile(SumsOf(0, rows), out, stride);
  const size_t half = columns() / 2;
  for (size_t r = 0; r < rows; ++r) {
    kernels_.silu_multiply(TileRow(r), TileRow(r) + half, half, out + r * stride);
  }
}

void PanelRun::CopyRow(size_t r, float* out) const {
  if (is_int8()) return kernels_.dequantise_tile(SumsOf(r, 1), out, 0);
  std::copy_n(TileRow(r), columns(), out);
}

}  // namespace foraker::model
