#include "index/store/catalog_state.h"

#include <optional>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "index/store/record_codec.h"

namespace foraker::index {
namespace {

using base::ToAbsl;

constexpr char kCollection[] = "collection";
constexpr char kAlias[] = "alias";
constexpr char kSnapshot[] = "snapshot";

absl::Status AddEntry(const std::string& key, const std::string& value, CatalogState& state) {
  const std::vector<std::string> parts = absl::StrSplit(key, '/');
  if (parts.size() == 2 && parts[0] == kAlias) {
    state.aliases[parts[1]] = value;
    return absl::OkStatus();
  }
  const bool collection = parts.size() == 2 && parts[0] == kCollection;
  const bool snapshot = parts.size() == 3 && parts[0] == kSnapshot;
  if (!collection && !snapshot) return absl::DataLossError("unknown kind of record");
  ASSIGN_OR_RETURN(CollectionRecord record, DecodeRecord(value));
  if (record.name != parts[1]) {
    return absl::DataLossError(absl::StrCat("record is that of collection ", record.name));
  }
  if (collection) {
    state.collections[parts[1]] = std::move(record);
  } else {
    state.snapshots[{parts[1], parts[2]}] = std::move(record);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CatalogState> CatalogState::FromEntries(
    const std::map<std::string, std::string>& entries) {
  CatalogState state;
  for (const auto& [key, value] : entries) {
    RETURN_IF_ERROR(base::Annotate(AddEntry(key, value, state), absl::StrCat("catalog: ", key)));
  }
  return state;
}

std::vector<std::string> CatalogState::AliasesOf(std::string_view collection) const {
  std::vector<std::string> names;
  for (const auto& [alias, target] : aliases) {
    if (target == collection) names.push_back(alias);
  }
  return names;
}

std::vector<std::string> CatalogState::SnapshotsOf(std::string_view collection) const {
  std::vector<std::string> names;
  for (const auto& [name, record] : snapshots) {
    if (name.first == collection) names.push_back(name.second);
  }
  return names;
}

absl::StatusOr<const CollectionRecord*> CatalogState::Find(std::string_view name_or_alias) const {
  const auto alias = aliases.find(name_or_alias);
  const std::string_view name = alias == aliases.end() ? name_or_alias : alias->second;
  const auto found = collections.find(name);
  if (found != collections.end()) return &found->second;
  if (const std::vector<std::string> left = SnapshotsOf(name); !left.empty()) {
    return absl::NotFoundError(
        absl::StrCat("collection \"", ToAbsl(name),
                     "\" was dropped; its snapshots remain: ", absl::StrJoin(left, ", ")));
  }
  return absl::NotFoundError(
      absl::StrCat("no collection or alias \"", ToAbsl(name_or_alias), "\""));
}

absl::StatusOr<const CollectionRecord*> CatalogState::FindSnapshot(
    std::string_view collection, std::string_view snapshot) const {
  const auto found = snapshots.find({std::string(collection), std::string(snapshot)});
  if (found != snapshots.end()) return &found->second;
  return absl::NotFoundError(absl::StrCat("no snapshot \"", ToAbsl(snapshot), "\" of collection \"",
                                          ToAbsl(collection), "\""));
}

CatalogDatabase::Change PutCollection(const CollectionRecord& record) {
  return {absl::StrCat(kCollection, "/", record.name), EncodeRecord(record)};
}

CatalogDatabase::Change RemoveCollection(std::string_view name) {
  return {absl::StrCat(kCollection, "/", ToAbsl(name)), std::nullopt};
}

CatalogDatabase::Change PutAlias(std::string_view alias, std::string_view collection) {
  return {absl::StrCat(kAlias, "/", ToAbsl(alias)), std::string(collection)};
}

CatalogDatabase::Change EraseAlias(std::string_view alias) {
  return {absl::StrCat(kAlias, "/", ToAbsl(alias)), std::nullopt};
}

CatalogDatabase::Change PutSnapshot(std::string_view snapshot, const CollectionRecord& record) {
  return {absl::StrCat(kSnapshot, "/", record.name, "/", ToAbsl(snapshot)), EncodeRecord(record)};
}

CatalogDatabase::Change EraseSnapshot(std::string_view collection, std::string_view snapshot) {
  return {absl::StrCat(kSnapshot, "/", ToAbsl(collection), "/", ToAbsl(snapshot)), std::nullopt};
}

}  // namespace foraker::index
