#include "retrieval/request_hash.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "retrieval/canonical_bytes.h"

namespace foraker::retrieval {
namespace {

void Put(ByteWriter& out, const FieldValues& fields) {
  std::vector<const FieldValues::value_type*> sorted;
  sorted.reserve(fields.size());
  for (const auto& field : fields) sorted.push_back(&field);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->first < b->first; });
  out.Put(static_cast<uint32_t>(sorted.size()));
  for (const auto* field : sorted) {
    out.PutString<uint32_t>(field->first);
    out.Put(static_cast<uint32_t>(field->second.size()));
    for (const Value& value : field->second) out.PutValue(value);
  }
}

void Put(ByteWriter& out, const PutRequest& put) {
  out.PutString<uint32_t>(put.id);
  out.PutString<uint32_t>(put.title);
  out.PutString<uint32_t>(put.text);
  Put(out, put.fields);
  out.Put(static_cast<uint32_t>(put.vector.size()));
  for (const NamedTerm& term : put.vector) out.PutTerm(term);
}

void Put(ByteWriter& out, const DeleteRequest& write) { out.PutString<uint32_t>(write.id); }

void Put(ByteWriter& out, const UpdateFieldsRequest& update) {
  out.PutString<uint32_t>(update.id);
  Put(out, update.set);
  out.Put(static_cast<uint32_t>(update.clear.size()));
  for (const std::string& name : update.clear) out.PutString<uint32_t>(name);
}

}  // namespace

uint64_t HashOf(const WriteRequest& request) {
  ByteWriter out;
  for (const DocumentWrite& write : request.writes) {
    out.Put(static_cast<uint8_t>(write.change.index()));
    std::visit([&out](const auto& change) { Put(out, change); }, write.change);
    out.Put(static_cast<uint8_t>(write.if_version.has_value()));
    out.Put(write.if_version.value_or(0));
  }
  return out.Hash();
}

}  // namespace foraker::retrieval
