// Vectors for benchmarks, from raw little-endian CSR files: PREFIX.indptr.u64 [rows + 1],
// PREFIX.indices.u32 and PREFIX.data.f32 [entries], indices ascending in a row. Column c becomes
// the WordPiece key c; weights are rounded to float16, those below the smallest stored weight
// dropped.

#ifndef FORAKER_BENCH_VECTOR_MATRIX_H_
#define FORAKER_BENCH_VECTOR_MATRIX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "index/sparse_vector.h"

namespace foraker::bench {

class VectorMatrix {
 public:
  static absl::StatusOr<VectorMatrix> Read(const std::string& prefix);

  size_t rows() const { return begin_.size() - 1; }
  index::SparseVector Row(size_t row) const;
  index::QueryVector QueryRow(size_t row) const;

 private:
  std::vector<uint64_t> begin_;
  std::vector<uint32_t> columns_;
  std::vector<float> weights_;
};

}  // namespace foraker::bench

#endif  // FORAKER_BENCH_VECTOR_MATRIX_H_
