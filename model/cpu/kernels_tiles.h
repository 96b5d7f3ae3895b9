// What becomes of a tile of int32 sums, behind every variant of kernels.h; see lanes.h for how it
// is compiled. A few rows go together, so that a column's numbers are loaded once for all of them.

#ifndef FORAKER_MODEL_CPU_KERNELS_TILES_H_
#define FORAKER_MODEL_CPU_KERNELS_TILES_H_

#include <cstddef>
#include <cstdint>

#include "model/cpu/kernels.h"
#include "model/cpu/kernels_rows.h"
#include "model/cpu/lanes.h"

namespace foraker::model {
namespace {

constexpr size_t kTileStep = 4;  // rows

// A few rows of a tile, and what their sums are multiplied by.
struct TileStep {
  const int32_t* rows[kTileStep];
  Floats scale[kTileStep];
  Floats shift[kTileStep];
};

inline TileStep StepOf(const SumTile& tile, size_t first) {
  TileStep step;
  for (size_t i = 0; i < kTileStep; ++i) {
    const size_t row = Least(first + i, tile.rows - 1);  // rows beyond the last repeat it
    step.rows[i] = tile.sums + row * tile.columns;
    step.scale[i] = Splat(tile.row_scales[row].scale);
    step.shift[i] = Splat(-tile.row_scales[row].scale * tile.row_scales[row].zero);
  }
  return step;
}

struct TileColumns {
  Floats scale;
  Floats sum;
  size_t lanes;
};

inline TileColumns ColumnsOf(const SumTile& tile, size_t column, size_t lanes) {
  return {Load(tile.column_scale + column, lanes), Load(tile.column_sum + column, lanes), lanes};
}

inline Floats ValueOf(const TileStep& step, size_t row, size_t column, const TileColumns& columns) {
  const Floats sum = ToFloats(LoadInts(step.rows[row] + column, columns.lanes));
  return Fma(sum, step.scale[row], step.shift[row] * columns.sum) * columns.scale;
}

// write(row, column, values, lanes) for every vector of the first `width` columns; prepare(step,
// column, lanes) gives what makes a row's values.
template <typename Prepare, typename Write>
inline void ForTile(const SumTile& tile, size_t width, const Prepare& prepare, const Write& write) {
  for (size_t first = 0; first < tile.rows; first += kTileStep) {
    const TileStep step = StepOf(tile, first);
    const size_t rows = Least(kTileStep, tile.rows - first);
    for (size_t column = 0; column < width; column += kLanes) {
      const auto value = prepare(step, column, width - column);
#pragma GCC unroll 4
      for (size_t i = 0; i < kTileStep; ++i) {
        if (i < rows) write(first + i, column, value(i), width - column);
      }
    }
  }
}

struct TileValues {
  const TileStep& step;
  size_t column;
  TileColumns columns;
  Floats operator()(size_t row) const { return ValueOf(step, row, column, columns); }
};

struct GatedValues {
  const TileStep& step;
  size_t gate;
  size_t up;
  TileColumns gate_columns;
  TileColumns up_columns;
  Floats operator()(size_t row) const {
    return SiluOf(ValueOf(step, row, gate, gate_columns)) * ValueOf(step, row, up, up_columns);
  }
};

void DequantiseTile(const SumTile& tile, float* out, size_t out_stride) {
  ForTile(
      tile, tile.columns,
      [&](const TileStep& step, size_t column, size_t lanes) -> TileValues {
        return {step, column, ColumnsOf(tile, column, lanes)};
      },
      [&](size_t row, size_t column, Floats value, size_t lanes) {
        Store(out + row * out_stride + column, value, lanes);
      });
}

void DequantiseAddTile(const SumTile& tile, float* out, size_t out_stride) {
  ForTile(
      tile, tile.columns,
      [&](const TileStep& step, size_t column, size_t lanes) -> TileValues {
        return {step, column, ColumnsOf(tile, column, lanes)};
      },
      [&](size_t row, size_t column, Floats value, size_t lanes) {
        float* const to = out + row * out_stride + column;
        Store(to, Load(to, lanes) + value, lanes);
      });
}

void DequantiseGateTile(const SumTile& tile, float* out, size_t out_stride) {
  const size_t half = tile.columns / 2;
  ForTile(
      tile, half,
      [&](const TileStep& step, size_t column, size_t lanes) -> GatedValues {
        return {step, column, column + half, ColumnsOf(tile, column, lanes),
                ColumnsOf(tile, column + half, lanes)};
      },
      [&](size_t row, size_t column, Floats value, size_t lanes) {
        Store(out + row * out_stride + column, value, lanes);
      });
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_TILES_H_
