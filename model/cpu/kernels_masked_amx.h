// The arithmetic of kernels_masked_attention.h in bfloat16 with sums in float, through the matrix
// tiles of AMX: queries, keys, probabilities and values are rounded to 8 bits of mantissa.
//
// A product of tiles is C[16, 16] += A[16, 32] B[32, 16], where a tile B holds rows 2i and 2i + 1
// of its matrix as pairs in row i. Queries are rows of A as they are; keys are transposed pair by
// pair for B, and values are laid in pairs of rows, once for all heads that share them. Four tiles
// of sums are made at a time, so that every tile that is loaded is used twice.
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18.

#ifndef FORAKER_MODEL_CPU_KERNELS_MASKED_AMX_H_
#define FORAKER_MODEL_CPU_KERNELS_MASKED_AMX_H_

#include <immintrin.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "model/cpu/kernels_masked_attention.h"
#include "model/cpu/lanes.h"

namespace foraker::model {
namespace {

constexpr size_t kTileRows = 16;
constexpr size_t kTwoTiles = 32;      // rows or columns of sums made at a time
constexpr size_t kTileElements = 32;  // of bfloat16 in a row

// All eight tiles: 16 rows of 64 bytes.
class TilesInUse {
 public:
  TilesInUse() {
    struct alignas(64) {
      uint8_t palette = 1;
      uint8_t start_row = 0;
      uint8_t reserved[14] = {};
      uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } config;
    _tile_loadconfig(&config);
  }
  ~TilesInUse() { _tile_release(); }
  TilesInUse(const TilesInUse&) = delete;
  TilesInUse& operator=(const TilesInUse&) = delete;
};

inline size_t WholeTwoTiles(size_t n) { return (n + kTwoTiles - 1) / kTwoTiles * kTwoTiles; }

// 32 floats to 32 of bfloat16, the lower ones first.
inline __m512i ToBf16(Floats low, Floats high) {
  __m512 a;
  __m512 b;
  std::memcpy(&a, &low, sizeof a);
  std::memcpy(&b, &high, sizeof b);
  const __m512bh halves = _mm512_cvtne2ps_pbh(b, a);
  __m512i bits;
  std::memcpy(&bits, &halves, sizeof bits);
  return bits;
}

// A row's 32 elements from `first` on, zeros beyond `width`.
inline __m512i RowToBf16(const float* row, size_t first, size_t width, Floats scale) {
  const auto part = [&](size_t begin) {
    return begin < width ? Load(row + begin, width - begin) * scale : Floats{};
  };
  return ToBf16(part(first), part(first + kLanes));
}

struct Pairs {
  Ints rows[16];
};

template <int kDistance>
inline void Swap(Ints& a, Ints& b) {
  constexpr int kD = kDistance;
  constexpr auto low = [](int lane) { return (lane & kD) != 0 ? 16 + lane - kD : lane; };
  constexpr auto high = [](int lane) { return (lane & kD) != 0 ? 16 + lane : lane + kD; };
  const Ints x =
      __builtin_shufflevector(a, b, low(0), low(1), low(2), low(3), low(4), low(5), low(6), low(7),
                              low(8), low(9), low(10), low(11), low(12), low(13), low(14), low(15));
  b = __builtin_shufflevector(a, b, high(0), high(1), high(2), high(3), high(4), high(5), high(6),
                              high(7), high(8), high(9), high(10), high(11), high(12), high(13),
                              high(14), high(15));
  a = x;
}

// Rows and columns of 16 x 16 elements change places: in four steps, blocks of 1, 2, 4 and 8.
template <int kDistance>
inline void SwapAll(Pairs& pairs) {
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    if ((i & kDistance) == 0) Swap<kDistance>(pairs.rows[i], pairs.rows[i + kDistance]);
  }
}

inline void Transpose(Pairs& pairs) {
  SwapAll<1>(pairs);
  SwapAll<2>(pairs);
  SwapAll<4>(pairs);
  SwapAll<8>(pairs);
}

// Key t of a chunk: where its key and its value lie; null beyond the last.
struct ChunkRows {
  const float* keys[kKeyChunk];
  const float* values[kKeyChunk];
};

void ListRows(const KeyChunk& chunk, size_t columns, ChunkRows& rows) {
  size_t next = 0;
  for (size_t i = 0; i < chunk.run_count; ++i) {
    const KeyRows& run = chunk.runs[i];
    for (size_t t = 0; t < run.count; ++t, ++next) {
      rows.keys[next] = run.keys + t * run.stride;
      rows.values[next] = run.values + t * run.stride;
    }
  }
  for (; next < columns; ++next) rows.keys[next] = rows.values[next] = nullptr;
}

// To [padded width / 2, columns] pairs.
void PackKeys(const ChunkRows& rows, size_t columns, size_t width, float* keys) {
  for (size_t t = 0; t < columns; t += kTileRows) {
    for (size_t d = 0; d < width; d += kTileElements) {
      Pairs pairs;
#pragma GCC unroll 16
      for (size_t i = 0; i < kTileRows; ++i) {
        const float* const row = rows.keys[t + i];
        const __m512i bits =
            row != nullptr ? RowToBf16(row, d, width, Splat(1.0f)) : _mm512_setzero_si512();
        std::memcpy(&pairs.rows[i], &bits, sizeof bits);
      }
      Transpose(pairs);
#pragma GCC unroll 16
      for (size_t i = 0; i < kTileRows; ++i) {
        std::memcpy(keys + (d / 2 + i) * columns + t, &pairs.rows[i], sizeof(Ints));
      }
    }
  }
}

// To [columns / 2, padded width] pairs of rows 2i and 2i + 1.
void PackValues(const ChunkRows& rows, size_t columns, size_t width, float* values) {
  alignas(64) uint16_t order[32];
  for (size_t i = 0; i < 32; ++i) order[i] = static_cast<uint16_t>(i / 2 + (i % 2) * 16);
  const __m512i mixed = _mm512_load_si512(order);
  const size_t padded = PaddedWidth(width);
  const auto part = [width](const float* row, size_t d) {
    return row != nullptr && d < width ? Load(row + d, width - d) : Floats{};
  };
  for (size_t t = 0; t < columns; t += 2) {
    for (size_t d = 0; d < padded; d += kLanes) {
      const __m512i halves = ToBf16(part(rows.values[t], d), part(rows.values[t + 1], d));
      _mm512_store_si512(values + t / 2 * padded + d, _mm512_permutexvar_epi16(mixed, halves));
    }
  }
}

// out[32, 32] = a[32, steps x 32] b[steps x 32, 32]; strides in bytes.
inline void TileProduct(const void* a, size_t a_stride, const void* b, size_t b_stride,
                        size_t steps, float* out, size_t out_stride) {
  const auto* a_bytes = static_cast<const std::byte*>(a);
  const auto* b_bytes = static_cast<const std::byte*>(b);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (size_t step = 0; step < steps; ++step) {
    _tile_loadd(4, a_bytes, a_stride);
    _tile_loadd(5, a_bytes + kTileRows * a_stride, a_stride);
    _tile_loadd(6, b_bytes, b_stride);
    _tile_loadd(7, b_bytes + 64, b_stride);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
    a_bytes += 64;
    b_bytes += kTileRows * b_stride;
  }
  const size_t bytes = out_stride * sizeof(float);
  _tile_stored(0, out, bytes);
  _tile_stored(1, out + kTileRows, bytes);
  _tile_stored(2, out + kTileRows * out_stride, bytes);
  _tile_stored(3, out + kTileRows * out_stride + kTileRows, bytes);
}

// A query's scores to its probabilities, in bfloat16 and relative to their maximum: zeros from
// `seen` to `columns`.
inline void ExpOfRow(const float* scores, size_t seen, size_t columns, float* maximum, float* sum,
                     std::byte* probabilities) {
  const size_t whole = seen / kLanes * kLanes;
  const size_t rest = seen - whole;
  const Ints lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const Ints end = Ints{} + static_cast<int32_t>(rest);
  Floats largest = Splat(kUnseen);
  for (size_t t = 0; t < whole; t += kLanes) largest = Max(largest, Load(scores + t));
  if (rest > 0) largest = Max(largest, lanes < end ? Load(scores + whole) : Splat(kUnseen));
  *maximum = Largest(largest);
  const Floats shift = Splat(*maximum);
  Floats total = {};
  const auto exponential = [&](size_t t) {
    if (t >= seen) return Floats{};
    Floats e = Exp(Load(scores + t) - shift);
    if (t == whole) e = lanes < end ? e : Floats{};
    total += e;
    return e;
  };
  for (size_t t = 0; t < columns; t += 2 * kLanes) {
    const Floats low = exponential(t);
    const Floats high = exponential(t + kLanes);
    const __m512i bits = ToBf16(low, high);
    std::memcpy(probabilities + t * sizeof(uint16_t), &bits, sizeof bits);
  }
  *sum = Sum(total);
}

struct MaskedAmx {
  // To [rows, padded width] of bfloat16, scaled; zeros up to whole tiles.
  static void TakeQueries(const float* from, size_t stride, const QueryBlock& block,
                          float* queries) {
    const size_t padded = PaddedWidth(block.width);
    const Floats scale = Splat(1.0f / std::sqrt(static_cast<float>(block.width)));
    for (size_t r = 0; r < WholeTwoTiles(block.rows); ++r) {
      for (size_t d = 0; d < padded; d += kTileElements) {
        const __m512i bits = r < block.rows ? RowToBf16(from + r * stride, d, block.width, scale)
                                            : _mm512_setzero_si512();
        _mm512_store_si512(queries + (r * padded + d) / 2, bits);
      }
    }
  }

  static void TakeKeys(const KeyChunk& chunk, const QueryBlock& block) {
    ChunkRows rows;
    const size_t columns = WholeTwoTiles(chunk.keys);
    ListRows(chunk, columns, rows);
    PackKeys(rows, columns, block.width, block.keys);
    PackValues(rows, columns, block.width, block.values);
  }

  static void Attend(const KeyChunk& chunk, const float* queries, const QueryBlock& block) {
    const TilesInUse tiles;
    const size_t columns = WholeTwoTiles(chunk.keys);
    const size_t padded = PaddedWidth(block.width);
    for (size_t q = 0; q < block.rows; q += kTwoTiles) {
      const size_t rows = Least(kTwoTiles, block.rows - q);
      const size_t seen = WholeTwoTiles(chunk.Seen(q + rows - 1));
      for (size_t t = 0; t < seen; t += kTwoTiles) {
        TileProduct(queries + q * padded / 2, padded * sizeof(uint16_t), block.keys + t,
                    columns * sizeof(float), padded / kTileElements, block.scores + t, columns);
      }
      auto* const probabilities = reinterpret_cast<std::byte*>(block.probabilities);
      const size_t row_bytes = columns * sizeof(uint16_t);
      for (size_t r = 0; r < rows; ++r) {
        ExpOfRow(block.scores + r * columns, chunk.Seen(q + r), seen, block.maxima + q + r,
                 block.sums + q + r, probabilities + r * row_bytes);
      }
      for (size_t d = 0; d < padded; d += kTwoTiles) {
        TileProduct(probabilities, row_bytes, block.values + d, padded * sizeof(float),
                    seen / kTileElements, block.part + q * block.part_stride + d,
                    block.part_stride);
      }
    }
  }
};

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_MASKED_AMX_H_
