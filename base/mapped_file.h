// A whole file mapped read-only into memory.
//
// Owns the mapping: spans into it live as long as the object. Immutable, safe for concurrent use.
// The file may be unlinked while it is mapped, but must never be truncated or written to: reading
// past a new end would be a bus error. Our files are replaced by rename and never changed in place.
// Errors name the path and what the system said: kNotFound, kPermissionDenied, kInternal.

#ifndef FORAKER_BASE_MAPPED_FILE_H_
#define FORAKER_BASE_MAPPED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace foraker::base {

class MappedFile {
 public:
  // What is about to be read, so that the system reads ahead or does not. A hint: never fails.
  enum class Access { kNormal, kRandom, kSequential, kWillNeed };

  static absl::StatusOr<MappedFile> Open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

  // `offset` and `length` in bytes; what lies beyond the file is ignored.
  void Advise(Access access, uint64_t offset, uint64_t length) const;

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;  // the whole mapping; empty for an empty file
};

}  // namespace foraker::base

#endif  // FORAKER_BASE_MAPPED_FILE_H_
