// The table of a variant: included last in its kernels_*.cc, inside the target region.

#ifndef FORAKER_MODEL_CPU_KERNELS_TABLE_H_
#define FORAKER_MODEL_CPU_KERNELS_TABLE_H_

#include "model/cpu/kernels.h"
#include "model/cpu/kernels_attention.h"
#ifdef FORAKER_VNNI
#include "model/cpu/kernels_attention_int8.h"
#endif
#include "model/cpu/kernels_masked_f32.h"
#ifdef FORAKER_AMX
#include "model/cpu/kernels_masked_amx.h"
#endif
#include "model/cpu/kernels_rows.h"
#include "model/cpu/kernels_tiles.h"

namespace foraker::model {
namespace {

constexpr Kernels TableOfVariant(const char* name) {
  return {
      .name = name,
      .add = Add,
      .multiply = Multiply,
      .layer_norm = LayerNorm,
      .rms_norm = RmsNorm,
      .silu_multiply = SiluMultiply,
      .rotate = Rotate,
      .dot = Dot,
      .expand_bf16 = ExpandBf16,
      .gelu = Map<GeluOf>,
      .gelu_int8 = Map<CoarseGeluOf>,
      .gelu_tanh = Map<GeluTanhOf>,
      .relu = Map<ReluOf>,
      .silu = Map<SiluOf>,
      .quantise = Quantise,
      .dequantise = Dequantise,
      .dequantise_tile = DequantiseTile,
      .dequantise_add_tile = DequantiseAddTile,
      .dequantise_gate_tile = DequantiseGateTile,
      .attend = Attend,
#ifdef FORAKER_VNNI
      .attend_int8 = AttendInt8,
#else
      .attend_int8 = Attend,
#endif
      .attend_masked = AttendMasked<MaskedF32>,
#ifdef FORAKER_AMX
      .attend_masked_bf16 = AttendMasked<MaskedAmx>,
#else
      .attend_masked_bf16 = AttendMasked<MaskedF32>,
#endif
      .row_maxima = RowMaxima,
      .scaled_row_maxima = ScaledRowMaxima,
  };
}

}  // namespace
}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_KERNELS_TABLE_H_
