// The catalog's records in memory, and the keys they have in RocksDB:
//
//   collection/NAME            -> CollectionRecord of the newest generation (record_codec.h)
//   alias/NAME                 -> the collection's name
//   snapshot/NAME/SNAPSHOT     -> CollectionRecord of the generation it was taken of
//
// A value type.

#ifndef FORAKER_INDEX_STORE_CATALOG_STATE_H_
#define FORAKER_INDEX_STORE_CATALOG_STATE_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"
#include "index/store/catalog_database.h"

namespace foraker::index {

struct CatalogState {
  std::map<std::string, CollectionRecord, std::less<>> collections;
  std::map<std::string, std::string, std::less<>> aliases;
  std::map<std::pair<std::string, std::string>, CollectionRecord> snapshots;  // collection, name

  // kDataLoss names the record that is wrong.
  static absl::StatusOr<CatalogState> FromEntries(
      const std::map<std::string, std::string>& entries);

  std::vector<std::string> AliasesOf(std::string_view collection) const;
  std::vector<std::string> SnapshotsOf(std::string_view collection) const;

  // kNotFound says what there is instead.
  absl::StatusOr<const CollectionRecord*> Find(std::string_view name_or_alias) const;
  absl::StatusOr<const CollectionRecord*> FindSnapshot(std::string_view collection,
                                                       std::string_view snapshot) const;
};

CatalogDatabase::Change PutCollection(const CollectionRecord& record);
CatalogDatabase::Change RemoveCollection(std::string_view name);
CatalogDatabase::Change PutAlias(std::string_view alias, std::string_view collection);
CatalogDatabase::Change EraseAlias(std::string_view alias);
CatalogDatabase::Change PutSnapshot(std::string_view snapshot, const CollectionRecord& record);
CatalogDatabase::Change EraseSnapshot(std::string_view collection, std::string_view snapshot);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_CATALOG_STATE_H_
