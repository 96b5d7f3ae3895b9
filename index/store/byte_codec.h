// Records as bytes: little-endian integers, LEB128 numbers, strings, and a CRC32C at the end. What
// RocksDB holds is made of these (record_codec.h, write_record.h, log_keys.h).
//
// Values of one thread. Reading is safe on arbitrary bytes: beyond the end, and for numbers of no
// valid form, a reader gives zeros and ok() becomes false for good.

#ifndef FORAKER_INDEX_STORE_BYTE_CODEC_H_
#define FORAKER_INDEX_STORE_BYTE_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "base/crc32c.h"

namespace foraker::index {

class ByteWriter {
 public:
  void Byte(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  template <typename Integer>
  void Fixed(Integer value) {
    for (size_t i = 0; i < sizeof(value); ++i) Byte(static_cast<uint8_t>(value >> (8 * i)));
  }
  void Number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) Byte(static_cast<uint8_t>(value | 0x80));
    Byte(static_cast<uint8_t>(value));
  }
  void Raw(std::string_view bytes) { bytes_.append(bytes); }
  void String(std::string_view value) {  // behind its length
    Number(value.size());
    Raw(value);
  }

  std::string Take() { return std::move(bytes_); }
  std::string TakeWithChecksum() {
    Fixed(base::Crc32c(std::as_bytes(std::span(bytes_))));
    return Take();
  }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  uint8_t Byte() { return Fixed<uint8_t>(); }
  template <typename Integer>
  Integer Fixed() {
    const std::string_view raw = Raw(sizeof(Integer));
    uint64_t value = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(raw[i])) << (8 * i);
    }
    return static_cast<Integer>(value);
  }
  uint64_t Number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if ((byte == 0 && shift > 0) || (shift == 63 && byte > 1)) Fail();
      return ok_ ? value : 0;
    }
    Fail();
    return 0;
  }
  // A number of things that take so many bytes each at least.
  size_t Count(size_t bytes_each = 1) {
    const uint64_t count = Number();
    if (count > bytes_.size() / bytes_each) Fail();
    return ok_ ? static_cast<size_t>(count) : 0;
  }
  std::string_view Raw(size_t length) {
    if (length > bytes_.size()) Fail();
    if (!ok_) return {};
    const std::string_view taken = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return taken;
  }
  std::string_view String() { return Raw(Count()); }

  void Fail() {
    ok_ = false;
    bytes_ = {};
  }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }
  size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

// What TakeWithChecksum made, without the checksum. kDataLoss says what is wrong.
absl::StatusOr<std::string_view> CheckedBody(std::string_view bytes);

}  // namespace foraker::index

#endif  // FORAKER_INDEX_STORE_BYTE_CODEC_H_
