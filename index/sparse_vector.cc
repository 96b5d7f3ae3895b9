#include "index/sparse_vector.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_format.h"

namespace foraker::index {
namespace {

absl::Status NotAscending(size_t i) {
  return absl::InvalidArgumentError(
      absl::StrFormat("term %d: keys must ascend strictly, this one does not", i));
}

}  // namespace

absl::Status Validate(const SparseVectorView& vector) {
  if (vector.weights.size() != vector.keys.size()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%d keys but %d weights", vector.keys.size(), vector.weights.size()));
  }
  if (!vector.positions.empty() && vector.positions.size() != vector.keys.size()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%d keys but %d positions", vector.keys.size(), vector.positions.size()));
  }
  for (size_t i = 0; i < vector.keys.size(); ++i) {
    if (i > 0 && vector.keys[i] <= vector.keys[i - 1]) return NotAscending(i);
    const float weight = base::Float16ToFloat(vector.weights[i]);
    if (!(weight >= base::kMinWeight && weight <= base::kMaxWeight)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("term %d: stored weight %g lies outside [2^-14, 65504]", i, weight));
    }
  }
  return absl::OkStatus();
}

absl::Status Validate(const QueryVector& query) {
  for (size_t i = 0; i < query.size(); ++i) {
    if (i > 0 && query[i].key <= query[i - 1].key) return NotAscending(i);
    if (!(query[i].weight > 0) || !std::isfinite(query[i].weight)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "term %d: query weight %g is not a finite number above zero", i, query[i].weight));
    }
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
