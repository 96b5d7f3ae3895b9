#include "index/store/recovery_check.h"

#include <rocksdb/write_batch.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "index/store/byte_codec.h"

namespace foraker::index {

uint64_t FirstSequence(const rocksdb::WriteBatch& batch) {
  return ByteReader(batch.Data()).Fixed<uint64_t>();  // a batch begins with it
}

// A manifest that is newer than the mark begins with all that the older one said.
absl::Status RecoveryCheck::CheckManifest() const {
  const std::string current = absl::StrCat(catalog_, "/CURRENT");
  ASSIGN_OR_RETURN(const std::string named, base::ReadFile(current));
  absl::string_view digits = named;
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&digits, "MANIFEST-") || !absl::SimpleAtoi(digits, &number) ||
      number < mark_.manifest) {
    return absl::DataLossError(absl::StrFormat(
        "%s does not name MANIFEST-%06d or a later one: it is damaged, or older than what was "
        "acknowledged",
        current, mark_.manifest));
  }
  if (number > mark_.manifest) return absl::OkStatus();
  const std::string manifest = ManifestPath(catalog_, number);
  ASSIGN_OR_RETURN(const uint32_t crc, ChecksumOfBytes(manifest, 0, mark_.manifest_bytes, 0));
  if (crc == mark_.manifest_crc) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(manifest, " is damaged: its first ", mark_.manifest_bytes,
                                          " bytes are not those that were acknowledged"));
}

void RecoveryCheck::ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                             const std::map<std::string, uint32_t>&) {
  first_log_ = UINT64_MAX;
  for (const auto& [family, number] : log_numbers) first_log_ = std::min(first_log_, number);
}

rocksdb::WalFilter::WalProcessingOption RecoveryCheck::LogRecordFound(
    unsigned long long, const std::string&, const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
    bool*) {
  const uint64_t first = FirstSequence(batch);
  // The end of an older log, or a block of zeros in one, is missing.
  const bool hole = replayed_ && first > sequence_ + 1 && sequence_ < mark_.sequence;
  if (hole) return WalProcessingOption::kCorruptedRecord;
  replayed_ = true;
  sequence_ = std::max(sequence_, first + batch.Count() - 1);
  return WalProcessingOption::kContinueProcessing;
}

absl::Status RecoveryCheck::CheckReplay(rocksdb::DB& opened) const {
  if (mark_.wal == 0 || sequence_ >= mark_.sequence) return absl::OkStatus();
  // RocksDB replays the logs from here on; what older ones held is in tables.
  uint64_t kept = 0;
  opened.GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &kept);
  if (mark_.wal < std::max(first_log_, kept)) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat(
      "%s/%06d.log, or one that follows it, is damaged or missing: it ends at RocksDB's sequence "
      "number %d, and writes up to %d were acknowledged",
      catalog_, mark_.wal, sequence_, mark_.sequence));
}

}  // namespace foraker::index
