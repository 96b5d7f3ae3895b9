// Typed arrays inside a section, verified where they are read, and the cursor that cuts a section
// into them. What a table of the segment is read through: an index beyond the array, a section that
// ends early or has bytes left over, and a corrupt block are all kDataLoss.
//
// Both borrow the file. SectionArray is immutable and safe for concurrent use.

#ifndef FORAKER_INDEX_SEGMENT_SECTION_ARRAY_H_
#define FORAKER_INDEX_SEGMENT_SECTION_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/section_file.h"

namespace foraker::index {

// "FILE: section NAME: WHAT", kDataLoss.
inline absl::Status CorruptSection(const SectionFile& file, SectionId id, std::string_view what) {
  return absl::DataLossError(
      absl::StrFormat("%s: section %s: %s", file.path(), SectionName(id), what));
}

template <typename T>
class SectionArray {
 public:
  SectionArray() = default;
  SectionArray(const SectionFile* file, SectionId id, uint64_t offset, std::span<const T> values)
      : file_(file), id_(id), offset_(offset), values_(values) {}

  uint64_t size() const { return values_.size(); }

  absl::StatusOr<T> At(uint64_t i) const {
    ASSIGN_OR_RETURN(const std::span<const T> one, Range(i, 1));
    return one[0];
  }

  absl::StatusOr<std::span<const T>> Range(uint64_t begin, uint64_t count) const {
    if (begin > values_.size() || count > values_.size() - begin) {
      return Corrupt(absl::StrFormat("%d elements at %d of %d", count, begin, values_.size()));
    }
    if (count != 0) {
      RETURN_IF_ERROR(file_->Touch(id_, offset_ + begin * sizeof(T), count * sizeof(T)));
    }
    return values_.subspan(begin, count);
  }

  absl::StatusOr<std::span<const T>> All() const { return Range(0, values_.size()); }

  // Of an array of ends (each list begins where the one before ended): the bounds of list i, which
  // lie within `limit`.
  struct Bounds {
    uint64_t begin;
    uint64_t end;
  };
  absl::StatusOr<Bounds> BoundsOf(uint64_t i, uint64_t limit) const {
    uint64_t begin = 0;
    if (i > 0) {
      ASSIGN_OR_RETURN(begin, At(i - 1));
    }
    ASSIGN_OR_RETURN(const uint64_t end, At(i));
    if (begin > end || end > limit) {
      return Corrupt(absl::StrFormat("list %d spans [%d, %d) of %d", i, begin, end, limit));
    }
    return Bounds{begin, end};
  }

  absl::Status Corrupt(std::string_view what) const { return CorruptSection(*file_, id_, what); }

 private:
  const SectionFile* file_ = nullptr;
  SectionId id_{};
  uint64_t offset_ = 0;  // bytes from the start of the section
  std::span<const T> values_;
};

class SectionCursor {
 public:
  static absl::StatusOr<SectionCursor> Open(const SectionFile& file, SectionId id) {
    ASSIGN_OR_RETURN(const std::span<const std::byte> bytes, file.Get(id));
    return SectionCursor(file, id, 0, bytes);
  }

  // A part of a section: [offset, offset + length).
  static absl::StatusOr<SectionCursor> Open(const SectionFile& file, SectionId id, uint64_t offset,
                                            uint64_t length) {
    ASSIGN_OR_RETURN(const std::span<const std::byte> bytes, file.Get(id));
    if (offset > bytes.size() || length > bytes.size() - offset) {
      return CorruptSection(file, id,
                            absl::StrFormat("a part of %d bytes at %d leaves the section's %d",
                                            length, offset, bytes.size()));
    }
    return SectionCursor(file, id, offset, bytes.subspan(offset, length));
  }

  uint64_t remaining() const { return rest_.size(); }

  template <typename T>
  absl::StatusOr<SectionArray<T>> Take(uint64_t count) {
    if (count > rest_.size() / sizeof(T)) {
      return CorruptSection(*file_, id_,
                            absl::StrFormat("%d elements of %d bytes do not fit into the %d left",
                                            count, sizeof(T), rest_.size()));
    }
    if (offset_ % alignof(T) != 0) return CorruptSection(*file_, id_, "misaligned array");
    const SectionArray<T> array(file_, id_, offset_,
                                {reinterpret_cast<const T*>(rest_.data()), count});
    offset_ += count * sizeof(T);
    rest_ = rest_.subspan(count * sizeof(T));
    return array;
  }

  template <typename T>
  absl::StatusOr<T> TakeOne() {
    ASSIGN_OR_RETURN(const SectionArray<T> one, Take<T>(1));
    return one.At(0);
  }

  // Fails when bytes are left over.
  absl::Status Finish() const {
    if (rest_.empty()) return absl::OkStatus();
    return CorruptSection(*file_, id_, absl::StrFormat("%d bytes too many", rest_.size()));
  }

 private:
  SectionCursor(const SectionFile& file, SectionId id, uint64_t offset,
                std::span<const std::byte> rest)
      : file_(&file), id_(id), offset_(offset), rest_(rest) {}

  const SectionFile* file_;
  SectionId id_;
  uint64_t offset_;  // bytes from the start of the section
  std::span<const std::byte> rest_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_SECTION_ARRAY_H_
