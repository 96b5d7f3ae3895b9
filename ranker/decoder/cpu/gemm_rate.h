// How fast this machine multiplies matrices: what a pass's speed is measured by.
//
// Runs oneDNN products on `threads` threads at once for about half a second. Products of several
// shapes are tried, from one tile that stays in the caches to large ones; the best rate counts.
// Errors as a device's.

#ifndef FORAKER_RANKER_DECODER_CPU_GEMM_RATE_H_
#define FORAKER_RANKER_DECODER_CPU_GEMM_RATE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ranker/decoder/device.h"

namespace foraker::ranker {

// Multiplications and additions a second, all threads together. kBf16 computes in f32.
absl::StatusOr<double> MeasuredGemmRate(Precision precision, uint32_t threads);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_DECODER_CPU_GEMM_RATE_H_
