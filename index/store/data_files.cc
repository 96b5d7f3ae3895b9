#include "index/store/data_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/directory.h"
#include "base/file.h"
#include "base/status.h"
#include "index/collection/term_statistics.h"
#include "index/segment/segment.h"

namespace foraker::index {
namespace {

constexpr std::string_view kSegmentSuffix = ".seg";
constexpr std::string_view kStatisticsSuffix = ".idf";

absl::Status Copy(const std::string& existing, const std::string& name) {
  ASSIGN_OR_RETURN(base::FileDescriptor in, base::FileDescriptor::Open(existing, O_RDONLY));
  ASSIGN_OR_RETURN(std::unique_ptr<base::AtomicFile> out, base::AtomicFile::Create(name));
  std::vector<std::byte> piece(1 << 20);
  while (true) {
    const ssize_t length = read(in.get(), piece.data(), piece.size());
    if (length == 0) return out->Commit();
    if (length < 0) {
      if (errno == EINTR) continue;
      return base::SystemError("cannot read", existing);
    }
    RETURN_IF_ERROR(out->Append(std::span(piece).first(static_cast<size_t>(length))));
  }
}

}  // namespace

std::string SegmentFileName(uint64_t number) {
  return absl::StrFormat("%08d%s", number, kSegmentSuffix);
}

std::string StatisticsFileName(uint64_t number) {
  return absl::StrFormat("%08d%s", number, kStatisticsSuffix);
}

uint64_t DataFileNumber(std::string_view name) {
  if (!name.ends_with(kSegmentSuffix) && !name.ends_with(kStatisticsSuffix)) return 0;
  const std::string_view digits = name.substr(0, name.size() - kSegmentSuffix.size());
  if (digits.size() < 8 || digits.size() > 19) return 0;
  uint64_t number = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return 0;
    number = number * 10 + static_cast<uint64_t>(digit - '0');
  }
  return number;
}

std::vector<std::string> FilesOf(const CollectionRecord& record) {
  std::vector<std::string> files;
  for (const SegmentRecord& segment : record.segments) files.push_back(segment.file);
  if (!record.statistics_file.empty()) files.push_back(record.statistics_file);
  return files;
}

absl::StatusOr<uint64_t> TotalBytes(const std::string& directory, const CollectionRecord& record) {
  uint64_t total = 0;
  for (const std::string& file : FilesOf(record)) {
    ASSIGN_OR_RETURN(const uint64_t bytes, base::FileSize(absl::StrCat(directory, "/", file)));
    total += bytes;
  }
  return total;
}

std::vector<FileCheck> CheckFiles(const std::string& data_dir, const CollectionRecord& record) {
  std::vector<FileCheck> checks;
  for (const std::string& file : FilesOf(record)) {
    FileCheck& check = checks.emplace_back();
    check.file = absl::StrCat("collections/", record.name, "/", file);
    const std::string path = absl::StrCat(data_dir, "/", check.file);
    check.bytes = base::FileSize(path).value_or(0);
    if (file == record.statistics_file) {
      const auto statistics = TermStatistics::Open(path);
      check.status = statistics.ok() ? (*statistics)->Verify() : statistics.status();
    } else {
      const auto segment = Segment::Open(path);
      check.status = segment.ok() ? (*segment)->Verify() : segment.status();
    }
  }
  return checks;
}

absl::Status LinkOrCopy(const std::string& existing, const std::string& name) {
  const absl::Status linked = base::HardLink(existing, name);
  if (linked.ok() || absl::IsNotFound(linked) || absl::IsAlreadyExists(linked)) return linked;
  return Copy(existing, name);
}

absl::Status RemoveUnnamedFiles(const std::string& directory, const CollectionRecord* record) {
  absl::flat_hash_set<std::string> named;
  if (record != nullptr) {
    for (std::string& file : FilesOf(*record)) named.insert(std::move(file));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, base::ListDirectory(directory));
  for (const std::string& name : names) {
    const bool unfinished = std::string_view(name).ends_with(base::kUnfinishedSuffix);
    if (!unfinished && (DataFileNumber(name) == 0 || named.contains(name))) continue;
    RETURN_IF_ERROR(base::RemoveFile(absl::StrCat(directory, "/", name)));
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
