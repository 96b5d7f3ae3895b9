// The files of a collection: their names, and what happens to them outside RocksDB. Thread-safe.

#ifndef FORAKER_INDEX_STORE_DATA_FILES_H_
#define FORAKER_INDEX_STORE_DATA_FILES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store/catalog.h"

namespace foraker::index {

std::string SegmentFileName(uint64_t number);     // "00000042.seg"
std::string StatisticsFileName(uint64_t number);  // "00000042.idf"

// The number in such a name; 0 for every other name.
uint64_t DataFileNumber(std::string_view name);

// Every file that the generation consists of.
std::vector<std::string> FilesOf(const CollectionRecord& record);
absl::StatusOr<uint64_t> TotalBytes(const std::string& directory, const CollectionRecord& record);

// Reads every byte of every file of the generation (Catalog::Verify).
std::vector<FileCheck> CheckFiles(const std::string& data_dir, const CollectionRecord& record);

// Gives the file a second name, or copies it (synced) where the file system has no hard links.
absl::Status LinkOrCopy(const std::string& existing, const std::string& name);

// Removes segments and statistics that `record` does not name, and what an unfinished write left.
// A null record names nothing. Anything else in the directory stays.
absl::Status RemoveUnnamedFiles(const std::string& directory, const CollectionRecord* record);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_DATA_FILES_H_
