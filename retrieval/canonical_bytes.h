// Values as bytes in a fixed order, to be stored in tokens and hashed. Strings and lists carry
// their length, so that no two values of one shape give the same bytes. Value types.

#ifndef FORAKER_RETRIEVAL_CANONICAL_BYTES_H_
#define FORAKER_RETRIEVAL_CANONICAL_BYTES_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "retrieval/api/searcher.h"

namespace foraker::retrieval {

class ByteWriter {
 public:
  template <std::unsigned_integral T>
  void Put(T value) {
    for (size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<char>((static_cast<uint64_t>(value) >> (8 * i)) & 0xff));
    }
  }
  template <std::unsigned_integral Length>
  void PutString(std::string_view s) {
    Put(static_cast<Length>(s.size()));
    bytes_.append(s);
  }
  void PutValue(const Value& value);
  void PutTerm(const NamedTerm& term);

  uint64_t Hash() const;  // XXH3-64
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

// Reads what ByteWriter wrote; after the first read beyond the end every value is zero and AtEnd is
// false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <std::unsigned_integral T>
  T Get() {
    const std::string_view raw = Take(sizeof(T));
    uint64_t value = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(raw[i])) << (8 * i);
    }
    return static_cast<T>(value);
  }
  template <std::unsigned_integral Length>
  std::string GetString() {
    return std::string(Take(Get<Length>()));
  }
  bool AtEnd() const { return ok_ && bytes_.empty(); }

 private:
  std::string_view Take(size_t count);

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_CANONICAL_BYTES_H_
