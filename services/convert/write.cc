#include "services/convert/write.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/filter.h"
#include "services/convert/sparse_vector.h"
#include "services/convert/status.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

using retrieval::WriteWait;
using Fields = google::protobuf::Map<std::string, v1::ValueList>;

absl::StatusOr<WriteWait> FromWait(v1::WriteDocumentsRequest::Wait from, const FieldPath& path) {
  switch (from) {
    case v1::WriteDocumentsRequest::WAIT_UNSPECIFIED:
    case v1::WriteDocumentsRequest::WAIT_SEARCHABLE:
      return WriteWait::kSearchable;
    case v1::WriteDocumentsRequest::WAIT_LOG:
      return WriteWait::kLog;
    default:
      return path.Invalid(absl::StrFormat("expected WAIT_LOG or WAIT_SEARCHABLE, got the number %d",
                                          static_cast<int>(from)));
  }
}

v1::WriteDocumentsRequest::Wait ToWait(WriteWait from) {
  return from == WriteWait::kLog ? v1::WriteDocumentsRequest::WAIT_LOG
                                 : v1::WriteDocumentsRequest::WAIT_SEARCHABLE;
}

// By name: a map has no order of its own.
absl::StatusOr<retrieval::FieldValues> FromFields(const Fields& from, const FieldPath& path) {
  retrieval::FieldValues to;
  to.reserve(from.size());
  for (const auto& [name, list] : from) {
    const FieldPath field_path = path.Field(name);
    std::vector<retrieval::Value> values;
    values.reserve(static_cast<size_t>(list.values_size()));
    for (int i = 0; i < list.values_size(); ++i) {
      ASSIGN_OR_RETURN(values.emplace_back(),
                       FromProto(list.values(i), field_path.Element("values", i)));
    }
    to.emplace_back(name, std::move(values));
  }
  std::sort(to.begin(), to.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return to;
}

void ToFields(const retrieval::FieldValues& from, Fields& to) {
  for (const auto& [name, values] : from) {
    v1::ValueList& list = to[name];
    for (const retrieval::Value& value : values) ToProto(value, *list.add_values());
  }
}

absl::StatusOr<retrieval::PutRequest> FromPut(const v1::DocumentWrite& from, const FieldPath& path,
                                              const retrieval::RequestLimits& limits) {
  const v1::Document& document = from.put();
  const FieldPath put_path = path.Field("put");
  retrieval::PutRequest to{document.id(), document.title(), document.text(), {}, {}};
  ASSIGN_OR_RETURN(to.fields, FromFields(document.fields(), put_path.Field("fields")));
  if (from.has_vector()) {
    ASSIGN_OR_RETURN(to.vector, FromProto(from.vector(), path.Field("vector"), limits));
  }
  return to;
}

absl::StatusOr<retrieval::UpdateFieldsRequest> FromUpdate(const v1::FieldUpdate& from,
                                                          const FieldPath& path) {
  retrieval::UpdateFieldsRequest to;
  to.id = from.id();
  ASSIGN_OR_RETURN(to.set, FromFields(from.set(), path.Field("set")));
  to.clear.assign(from.clear().begin(), from.clear().end());
  return to;
}

absl::StatusOr<retrieval::DocumentWrite> FromWrite(const v1::DocumentWrite& from,
                                                   const FieldPath& path,
                                                   const retrieval::RequestLimits& limits) {
  retrieval::DocumentWrite to;
  if (from.has_if_version()) to.if_version = from.if_version();
  if (from.has_vector() && from.change_case() != v1::DocumentWrite::kPut) {
    return path.Field("vector").Invalid("only put has a vector");
  }
  switch (from.change_case()) {
    case v1::DocumentWrite::kPut: {
      ASSIGN_OR_RETURN(to.change, FromPut(from, path, limits));
      return to;
    }
    case v1::DocumentWrite::kDeleteId:
      to.change = retrieval::DeleteRequest{from.delete_id()};
      return to;
    case v1::DocumentWrite::kUpdateFields: {
      ASSIGN_OR_RETURN(to.change, FromUpdate(from.update_fields(), path.Field("update_fields")));
      return to;
    }
    case v1::DocumentWrite::CHANGE_NOT_SET:
      break;
  }
  return path.Invalid("expected one of put, delete_id, update_fields");
}

struct ChangeToProto {
  v1::DocumentWrite& to;

  void operator()(const retrieval::PutRequest& from) const {
    v1::Document& put = *to.mutable_put();
    put.set_id(from.id);
    put.set_title(from.title);
    put.set_text(from.text);
    ToFields(from.fields, *put.mutable_fields());
    if (!from.vector.empty()) ToProto(from.vector, *to.mutable_vector());
  }
  void operator()(const retrieval::DeleteRequest& from) const { to.set_delete_id(from.id); }
  void operator()(const retrieval::UpdateFieldsRequest& from) const {
    v1::FieldUpdate& update = *to.mutable_update_fields();
    update.set_id(from.id);
    ToFields(from.set, *update.mutable_set());
    update.mutable_clear()->Assign(from.clear.begin(), from.clear.end());
  }
};

}  // namespace

absl::StatusOr<retrieval::WriteRequest> FromProto(const v1::WriteDocumentsRequest& from,
                                                  const retrieval::RequestLimits& limits) {
  const FieldPath path;
  const auto count = static_cast<size_t>(from.writes_size());
  if (count == 0 || count > limits.writes) {
    return path.Field("writes").Invalid(
        absl::StrFormat("expected 1 to %d writes, got %d", limits.writes, count));
  }
  retrieval::WriteRequest to;
  to.collection = from.collection();
  to.request_id = from.request_id();
  ASSIGN_OR_RETURN(to.wait_for, FromWait(from.wait_for(), path.Field("wait_for")));
  to.writes.reserve(count);
  for (int i = 0; i < from.writes_size(); ++i) {
    ASSIGN_OR_RETURN(to.writes.emplace_back(),
                     FromWrite(from.writes(i), path.Element("writes", i), limits));
  }
  return to;
}

void ToProto(const retrieval::WriteRequest& from, v1::WriteDocumentsRequest& to) {
  to.set_collection(from.collection);
  to.set_request_id(from.request_id);
  to.set_wait_for(ToWait(from.wait_for));
  for (const retrieval::DocumentWrite& write : from.writes) {
    v1::DocumentWrite& added = *to.add_writes();
    if (write.if_version.has_value()) added.set_if_version(*write.if_version);
    std::visit(ChangeToProto{added}, write.change);
  }
}

void ToProto(const retrieval::WriteReply& from, v1::WriteDocumentsResponse& to) {
  to.set_sequence(from.sequence);
  to.set_repeated_request(from.repeated);
  to.mutable_results()->Reserve(static_cast<int>(from.outcomes.size()));
  for (const retrieval::WriteOutcome& outcome : from.outcomes) {
    v1::WriteResult& result = *to.add_results();
    if (!outcome.status.ok()) ToProto(outcome.status, *result.mutable_error());
    result.set_version(outcome.version);
    result.set_existed(outcome.existed);
    result.set_dropped_tokens(outcome.dropped_tokens);
  }
}

retrieval::WriteReply FromProto(const v1::WriteDocumentsResponse& from) {
  retrieval::WriteReply to;
  to.sequence = from.sequence();
  to.repeated = from.repeated_request();
  to.outcomes.reserve(static_cast<size_t>(from.results_size()));
  for (const v1::WriteResult& result : from.results()) {
    const absl::Status status = result.has_error() ? FromProto(result.error()) : absl::OkStatus();
    to.outcomes.push_back({status, result.version(), result.existed(), result.dropped_tokens()});
  }
  return to;
}

absl::StatusOr<retrieval::DeleteMatchingRequest> FromProto(const v1::DeleteDocumentsRequest& from,
                                                           const retrieval::RequestLimits& limits) {
  const FieldPath path;
  const FieldPath filter_path = path.Field("filter");
  if (!from.has_filter()) {
    return filter_path.Invalid("must be given; an all_of without filters permits everything");
  }
  retrieval::DeleteMatchingRequest to;
  to.collection = from.collection();
  ASSIGN_OR_RETURN(to.filter, FromProto(from.filter(), filter_path, limits.filter_depth));
  ASSIGN_OR_RETURN(to.wait_for, FromWait(from.wait_for(), path.Field("wait_for")));
  return to;
}

void ToProto(const retrieval::DeleteMatchingRequest& from, v1::DeleteDocumentsRequest& to) {
  to.set_collection(from.collection);
  ToProto(from.filter, *to.mutable_filter());
  to.set_wait_for(ToWait(from.wait_for));
}

}  // namespace foraker::convert
