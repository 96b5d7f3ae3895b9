#include "bench/vector_matrix.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace foraker::bench {
namespace {

template <typename T>
absl::StatusOr<std::vector<T>> ReadArray(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::vector<T> values(static_cast<size_t>(file.tellg()) / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) return absl::InternalError(absl::StrCat(path, ": read failed"));
  return values;
}

index::TermKey Key(uint32_t column) {
  return index::NumberedTermKey(index::TermNamespace::kWordPiece, column);
}

}  // namespace

absl::StatusOr<VectorMatrix> VectorMatrix::Read(const std::string& prefix) {
  VectorMatrix matrix;
  ASSIGN_OR_RETURN(matrix.begin_, ReadArray<uint64_t>(prefix + ".indptr.u64"));
  ASSIGN_OR_RETURN(matrix.columns_, ReadArray<uint32_t>(prefix + ".indices.u32"));
  ASSIGN_OR_RETURN(matrix.weights_, ReadArray<float>(prefix + ".data.f32"));
  if (matrix.begin_.empty() || matrix.begin_.back() != matrix.columns_.size() ||
      matrix.columns_.size() != matrix.weights_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(prefix, ": the three arrays do not agree"));
  }
  return matrix;
}

index::SparseVector VectorMatrix::Row(size_t row) const {
  index::SparseVector vector;
  for (uint64_t i = begin_[row]; i < begin_[row + 1]; ++i) {
    if (weights_[i] < base::kMinWeight) continue;
    vector.keys.push_back(Key(columns_[i]));
    vector.weights.push_back(base::FloatToFloat16(weights_[i]));
  }
  return vector;
}

index::QueryVector VectorMatrix::QueryRow(size_t row) const {
  index::QueryVector query;
  for (uint64_t i = begin_[row]; i < begin_[row + 1]; ++i) {
    query.push_back({Key(columns_[i]), weights_[i]});
  }
  return query;
}

}  // namespace foraker::bench
