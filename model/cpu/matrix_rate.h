// What the processor's matrix units do at best: large products through oneDNN, against which a
// model's speed can be stated.
//
// Serves one thread. oneDNN's exceptions pass through.

#ifndef FORAKER_MODEL_CPU_MATRIX_RATE_H_
#define FORAKER_MODEL_CPU_MATRIX_RATE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "model/cpu/precision.h"

namespace foraker::model {

class MatrixRate {
 public:
  // On `threads` threads at once, each with operands of its own.
  MatrixRate(Precision precision, size_t threads);
  ~MatrixRate();

  // Operations a second (a multiplication and an addition are two) of all threads together, in the
  // best of several shapes. Takes some tenths of a second.
  double Measure();

 private:
  class Product;
  double Measure(size_t shape);

  std::vector<std::vector<std::unique_ptr<Product>>> products_;  // [shapes][threads]
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_CPU_MATRIX_RATE_H_
