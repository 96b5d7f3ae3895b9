#include "retrieval/facets.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/field_values.h"

namespace foraker::retrieval {
namespace {

struct HashValue {
  size_t operator()(const Value& value) const {
    return std::visit([](const auto& v) { return absl::HashOf(v); }, value);
  }
};

bool Before(const FacetValue& a, const FacetValue& b) {
  return a.count != b.count ? a.count > b.count : a.value < b.value;
}

}  // namespace

absl::StatusOr<Facet> CountFacet(const FacetRequest& request, const index::Snapshot& snapshot,
                                 const DocumentSets& among) {
  RETURN_IF_ERROR(CheckFieldExists("facet", request.field, snapshot));
  absl::flat_hash_map<Value, uint64_t, HashValue> counts;
  for (size_t s = 0; s < snapshot.segments.size(); ++s) {
    if (among[s].isEmpty()) continue;
    RETURN_IF_ERROR(snapshot.segments[s].segment->fields().CountValues(
        request.field, among[s], [&](const index::FieldValue& value, uint64_t count) {
          if (counts.size() <= kMaxFacetDistinct) counts[ToValue(value)] += count;
        }));
    if (counts.size() > kMaxFacetDistinct) {
      return absl::ResourceExhaustedError(
          absl::StrFormat("facet: field \"%s\" has more than %d distinct values", request.field,
                          kMaxFacetDistinct));
    }
  }
  Facet facet{.field = request.field, .values = {}, .other = 0};
  facet.values.reserve(counts.size());
  for (const auto& [value, count] : counts) facet.values.push_back({value, count});
  const size_t kept = std::min<size_t>(request.limit, facet.values.size());
  const auto cut = facet.values.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(facet.values.begin(), cut, facet.values.end(), Before);
  for (auto value = cut; value != facet.values.end(); ++value) facet.other += value->count;
  facet.values.erase(cut, facet.values.end());
  return facet;
}

}  // namespace foraker::retrieval
