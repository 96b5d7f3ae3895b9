// y = x W^T + b for rows of activations, through oneDNN.
//
// f32 rows are multiplied as they are. In int8 a row of activations is quantised by itself (u8 with
// a scale and a zero of its own), weights have one scale an output channel, and products are exact
// sums in int32. Products run on tiles of RowTile() rows, the last one filled up with whatever lies
// beyond the rows, so a row meets the same code whatever its neighbours are: its result depends on
// itself alone (tests/model/cpu_linear_test.cc).
//
// Linear is immutable and shared by threads; LinearRun and its scratch serve one. All work happens
// on the calling thread if it holds an OneThread. oneDNN's exceptions pass through: callers at the
// room's border turn them into statuses.

#ifndef FORAKER_MODEL_CPU_LINEAR_H_
#define FORAKER_MODEL_CPU_LINEAR_H_

#include <cstddef>
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/cpu/aligned_array.h"
#include "model/cpu/kernels.h"
#include "model/cpu/precision.h"

namespace foraker::model {

// Keeps oneDNN's OpenMP loops of the calling thread on that thread while it lives.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

// Rows of a tile: whole blocks of what the library's kernels take at once, for the rows beyond a
// block are summed in another order. It takes 8, and 6 or 4 where there is no AVX-512. The same for
// the life of a process.
size_t RowTile();

// Rows of activations in the form that products of a precision take. Holds whole tiles.
class Activations {
 public:
  Activations(Precision precision, const Kernels& kernels)
      : int8_(precision == Precision::kInt8), kernels_(&kernels) {}

  // Contents are lost.
  void Resize(size_t rows, size_t width);
  void Store(size_t row, const float* values);  // [width]
  // Where a row can be written instead, [width]; f32 alone.
  float* FloatRow(size_t row) { return values_.data() + row * width_; }

  size_t rows() const { return rows_; }
  size_t width() const { return width_; }
  const void* Row(size_t row) const;
  const RowScale* scales() const { return scales_.data(); }  // [rows], int8 alone

 private:
  bool int8_;
  const Kernels* kernels_;
  size_t rows_ = 0;
  size_t width_ = 0;
  AlignedArray<float> values_;
  AlignedArray<uint8_t> bytes_;
  AlignedArray<RowScale> scales_;
};

class Linear {
 public:
  // weight: [out, in], row-major; bias: [out], or empty for none.
  Linear(size_t in, size_t out, std::span<const float> weight, std::span<const float> bias,
         Precision precision);
  Linear(Linear&&) = default;
  Linear& operator=(Linear&&) = default;

  size_t in() const { return in_; }
  size_t out() const { return out_; }
  Precision precision() const { return precision_; }

  // int8 alone.
  ColumnScales columns() const { return {scale_.data(), sum_.data(), bias_.data()}; }
  std::span<const float> bias() const { return bias_; }

 private:
  friend class LinearRun;

  // The product of one tile of `rows` rows.
  struct TileProduct {
    size_t rows;
    dnnl::memory::desc in;
    dnnl::memory::desc out;
    dnnl::memory::desc scratch;
    dnnl::inner_product_forward primitive;
  };

  std::vector<int8_t> QuantiseWeight(std::span<const float> weight);
  void MakeProducts(const void* weight);
  // `weights`: the layout to take them in, or any.
  dnnl::inner_product_forward::primitive_desc Describe(size_t rows,
                                                       const dnnl::memory::desc& weights) const;

  size_t in_;
  size_t out_;
  Precision precision_;
  std::vector<float> bias_;
  std::vector<float> scale_;
  std::vector<float> sum_;
  std::vector<TileProduct> products_;  // the fewest rows first
  dnnl::memory packed_;
  dnnl::memory packed_bias_;
};

// What the products of one thread need; grows to the largest.
struct LinearScratch {
  LinearScratch();
  dnnl::stream stream;
  AlignedArray<float> tile;  // [RowTile(), out] float, or int32 of the same size
  AlignedArray<float> row;
  AlignedArray<std::byte> library;
};

// One linear map over one set of rows, a tile at a time.
class LinearRun {
 public:
  LinearRun(const Linear& linear, const Activations& in, const Kernels& kernels,
            LinearScratch& scratch);

  // Computes rows [first, first + RowTile()), which stay until the next call.
  void Multiply(size_t first);

  // The tile as it came out, out() apart: f32 with the bias, or int32 sums.
  const float* tile() const { return scratch_.tile.data(); }
  const int32_t* sums() const;

  // Row first + r of the tile in float, [out]; valid until the next call. Free to be overwritten.
  float* Row(size_t r);
  // The same to out[out()].
  void CopyRow(size_t r, float* out) const;

 private:
  const Linear& linear_;
  const Activations& in_;
  const Kernels& kernels_;
  LinearScratch& scratch_;
  size_t first_ = 0;
  std::vector<std::unordered_map<int, dnnl::memory>> arguments_;  // of each product
};

// consume(row, float* y) for every row of `in`, in order; y[out] is free to be overwritten.
template <typename Consume>
void ForEachRow(const Linear& linear, const Activations& in, const Kernels& kernels,
                LinearScratch& scratch, const Consume& consume) {
  LinearRun run(linear, in, kernels, scratch);
  const size_t tile = RowTile();
  for (size_t first = 0; first < in.rows(); first += tile) {
    run.Multiply(first);
    for (size_t r = 0; r < tile && first + r < in.rows(); ++r) consume(first + r, run.Row(r));
  }
}

// All rows of `in` to out[in.rows(), linear.out()].
void Multiply(const Linear& linear, const Activations& in, const Kernels& kernels,
              LinearScratch& scratch, float* out);

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_LINEAR_H_
