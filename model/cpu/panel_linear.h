// y = x W^T for many rows of activations, through oneDNN, a panel of columns at a time.
//
// A product is always that of kPanelRows rows and one panel of kPanelColumns columns: its weights
// stay in the second-level cache while rows go by, and a row meets the same code whatever its
// neighbours are and whoever multiplies them, so its result depends on itself alone
// (tests/model/cpu_panel_linear_test.cc). Weights are held as float, as bfloat16 that is expanded
// to float when a panel's turn comes (the same bits as float weights that were rounded), or as int8
// with a scale an output channel, for activations that are quantised a row (linear.h).
//
// Immutable and shared by threads; PanelScratch serves one. All work happens on the calling thread
// if it holds an OneThread. oneDNN's exceptions pass through.

#ifndef FORAKER_MODEL_CPU_PANEL_LINEAR_H_
#define FORAKER_MODEL_CPU_PANEL_LINEAR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/cpu/aligned_array.h"
#include "model/cpu/kernels.h"
#include "model/cpu/linear.h"

namespace foraker::model {

enum class WeightFormat { kF32, kBf16, kInt8 };

// To the nearest, ties to even.
uint16_t RoundToBf16(float value);

inline constexpr size_t kPanelRows = 64;
inline constexpr size_t kPanelColumns = 128;

class PanelLinear {
 public:
  // weight: [out, in], row-major.
  PanelLinear(size_t in, size_t out, std::span<const float> weight, WeightFormat format);

  size_t in() const { return in_; }
  size_t out() const { return out_; }
  size_t panels() const { return (out_ + kPanelColumns - 1) / kPanelColumns; }
  size_t weight_bytes() const;
  // What activations must be.
  Precision precision() const {
    return format_ == WeightFormat::kInt8 ? Precision::kInt8 : Precision::kF32;
  }

 private:
  friend class PanelRun;

  // The product of a panel of so many columns.
  struct Product {
    size_t columns;
    dnnl::memory::desc in;
    dnnl::memory::desc weights;
    dnnl::memory::desc out;
    dnnl::memory::desc scratch;
    dnnl::inner_product_forward primitive;
  };

  Product MakeProduct(size_t columns) const;
  const Product& ProductOf(size_t panel) const;
  void PackFloats(size_t panel, std::span<const float> weight);
  void PackBytes(size_t panel, std::span<const float> weight);
  size_t columns(size_t panel) const {
    return std::min(kPanelColumns, out_ - panel * kPanelColumns);
  }

  size_t in_;
  size_t out_;
  WeightFormat format_;
  std::vector<Product> products_;  // of whole panels, and of the last one where it is narrower
  size_t panel_elements_ = 0;      // packed weights of a panel
  AlignedArray<float> floats_;
  AlignedArray<uint16_t> halves_;
  AlignedArray<int8_t> bytes_;
  std::vector<float> scale_;  // int8: [out]
  std::vector<float> sum_;
};

struct PanelScratch {
  PanelScratch();
  dnnl::stream stream;
  AlignedArray<float> tile;      // [kPanelRows, kPanelColumns] float or int32
  AlignedArray<float> expanded;  // a panel's weights
  AlignedArray<std::byte> library;
};

// The products of one linear map with the first rows of `in`, which must hold whole tiles of
// kPanelRows.
class PanelRun {
 public:
  PanelRun(const PanelLinear& linear, const Activations& in, const Kernels& kernels,
           PanelScratch& scratch);

  void ChoosePanel(size_t panel);
  // Rows [first, first + kPanelRows) times the panel.
  void Multiply(size_t first);
  // What becomes of the first `rows` rows of the product, [columns()]: written to out, added to it,
  // or as silu(first half) x second half, [columns() / 2]. `stride` floats from row to row.
  void CopyTo(size_t rows, float* out, size_t stride) const;
  void AddTo(size_t rows, float* out, size_t stride) const;
  void GateTo(size_t rows, float* out, size_t stride) const;
  // Row r of the product to out.
  void CopyRow(size_t r, float* out) const;

  size_t first_column() const { return panel_ * kPanelColumns; }
  size_t columns() const { return linear_.columns(panel_); }

 private:
  const float* TileRow(size_t r) const { return scratch_.tile.data() + r * columns(); }
  bool is_int8() const { return linear_.format_ == WeightFormat::kInt8; }
  SumTile SumsOf(size_t first, size_t rows) const;

  const PanelLinear& linear_;
  const Activations& in_;
  const Kernels& kernels_;
  PanelScratch& scratch_;
  size_t panel_ = 0;
  size_t first_ = 0;
  const PanelLinear::Product* product_ = nullptr;
  std::unordered_map<int, dnnl::memory> arguments_;
};

// consume(first, rows, run) for each tile of the first `rows` rows and each panel: the product of
// rows [first, first + rows) with the columns from run.first_column() on.
template <typename Consume>
void ForEachTile(const PanelLinear& linear, const Activations& in, size_t rows,
                 const Kernels& kernels, PanelScratch& scratch, const Consume& consume) {
  PanelRun run(linear, in, kernels, scratch);
  for (size_t panel = 0; panel < linear.panels(); ++panel) {
    run.ChoosePanel(panel);
    for (size_t first = 0; first < rows; first += kPanelRows) {
      run.Multiply(first);
      consume(first, std::min(kPanelRows, rows - first), run);
    }
  }
}

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_PANEL_LINEAR_H_
