// The arithmetic of a model's matrix products on the CPU.

#ifndef FORAKER_MODEL_CPU_PRECISION_H_
#define FORAKER_MODEL_CPU_PRECISION_H_

#include <string_view>

namespace foraker::model {

// kInt8: per-channel weights, activations quantised a token at a time.
enum class Precision { kF32, kInt8 };

std::string_view PrecisionName(Precision precision);  // "f32", "int8"
bool Supports(Precision precision);                   // on this processor; int8 needs VNNI

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_PRECISION_H_
