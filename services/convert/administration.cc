#include "services/convert/administration.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/collection.h"

namespace foraker::convert {

absl::StatusOr<NamedSettings> FromSettings(const SettingsMap& from, const FieldPath& path,
                                           const retrieval::RequestLimits& limits) {
  if (from.size() > limits.settings) {
    return path.Invalid(
        absl::StrFormat("expected at most %d settings, got %d", limits.settings, from.size()));
  }
  NamedSettings to(from.begin(), from.end());
  std::sort(to.begin(), to.end());
  return to;
}

void ToSettings(const NamedSettings& from, SettingsMap& to) {
  for (const auto& [name, value] : from) to[name] = value;
}

absl::StatusOr<retrieval::CreateRequest> FromProto(const v1::CreateCollectionRequest& from,
                                                   const retrieval::RequestLimits& limits) {
  const FieldPath path;
  retrieval::CreateRequest to;
  to.collection = from.collection();
  if (!from.encoder().empty()) to.encoder = from.encoder();
  ASSIGN_OR_RETURN(to.settings, FromSettings(from.settings(), path.Field("settings"), limits));
  const FieldPath fields_path = path.Field("fields");
  if (from.fields().size() > limits.fields) {
    return fields_path.Invalid(
        absl::StrFormat("expected at most %d fields, got %d", limits.fields, from.fields().size()));
  }
  for (const auto& [name, number] : from.fields()) {
    const std::string type = FieldTypeName(static_cast<v1::FieldType>(number));
    if (type.empty()) {
      return fields_path.Field(name).Invalid(
          "expected FIELD_TYPE_KEYWORD, _INTEGER, _REAL, _BOOLEAN or _TIMESTAMP");
    }
    to.fields.emplace_back(name, type);
  }
  std::sort(to.fields.begin(), to.fields.end());
  return to;
}

void ToProto(const retrieval::CreateRequest& from, v1::CreateCollectionRequest& to) {
  to.set_collection(from.collection);
  to.set_encoder(from.encoder);
  ToSettings(from.settings, *to.mutable_settings());
  for (const auto& [name, type] : from.fields) (*to.mutable_fields())[name] = FieldTypeOf(type);
}

absl::StatusOr<retrieval::AttachRequest> FromProto(const v1::AttachShardsRequest& from,
                                                   const retrieval::RequestLimits& limits) {
  const FieldPath path;
  const auto count = static_cast<size_t>(from.directories_size());
  if (count == 0 || count > limits.directories) {
    return path.Field("directories")
        .Invalid(
            absl::StrFormat("expected 1 to %d directories, got %d", limits.directories, count));
  }
  return retrieval::AttachRequest{from.collection(),
                                  {from.directories().begin(), from.directories().end()}};
}

void ToProto(const retrieval::AttachRequest& from, v1::AttachShardsRequest& to) {
  to.set_collection(from.collection);
  to.mutable_directories()->Assign(from.directories.begin(), from.directories.end());
}

absl::StatusOr<retrieval::RebuildRequest> FromProto(const v1::RebuildCollectionRequest& from,
                                                    const retrieval::RequestLimits& limits) {
  const FieldPath path;
  RETURN_IF_ERROR(path.Field("alias").Required(from.alias()));
  RETURN_IF_ERROR(path.Field("new_collection").Required(from.new_collection()));
  retrieval::RebuildRequest to;
  to.alias = from.alias();
  to.new_collection = from.new_collection();
  to.encoder = from.encoder();
  ASSIGN_OR_RETURN(to.settings, FromSettings(from.settings(), path.Field("settings"), limits));
  return to;
}

void ToProto(const retrieval::RebuildRequest& from, v1::RebuildCollectionRequest& to) {
  to.set_alias(from.alias);
  to.set_new_collection(from.new_collection);
  to.set_encoder(from.encoder);
  ToSettings(from.settings, *to.mutable_settings());
}

void ToProto(const retrieval::Progress& from, v1::RebuildProgress& to) {
  to.set_stage(from.stage);
  to.set_documents(from.documents);
  to.set_total(from.total);
}

retrieval::Progress FromProto(const v1::RebuildProgress& from) {
  return {from.stage(), from.documents(), from.total()};
}

}  // namespace foraker::convert
