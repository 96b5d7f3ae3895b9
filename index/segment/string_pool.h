// Distinct strings in one buffer, numbered from 0 in order of arrival. One thread.

#ifndef FORAKER_INDEX_SEGMENT_STRING_POOL_H_
#define FORAKER_INDEX_SEGMENT_STRING_POOL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace foraker::index {

class StringPool {
 public:
  StringPool() : numbers_(0, Hash{this}, Equal{this}) {}
  StringPool(const StringPool&) = delete;
  StringPool& operator=(const StringPool&) = delete;

  // The string's number, a new one if need be.
  uint32_t Intern(std::string_view s);
  std::optional<uint32_t> Find(std::string_view s) const;

  // Valid until the next Intern.
  std::string_view Get(uint32_t number) const {
    return std::string_view(bytes_).substr(begins_[number], begins_[number + 1] - begins_[number]);
  }

  uint32_t size() const { return static_cast<uint32_t>(begins_.size() - 1); }
  uint64_t total_bytes() const { return bytes_.size(); }  // of the strings
  size_t memory_bytes() const;

 private:
  struct Hash {
    using is_transparent = void;
    const StringPool* pool;
    size_t operator()(uint32_t number) const { return (*this)(pool->Get(number)); }
    size_t operator()(std::string_view s) const;
  };
  struct Equal {
    using is_transparent = void;
    const StringPool* pool;
    std::string_view View(uint32_t number) const { return pool->Get(number); }
    std::string_view View(std::string_view s) const { return s; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return View(a) == View(b);
    }
  };

  std::string bytes_;
  std::vector<uint64_t> begins_ = {0};  // [size + 1], into bytes_
  absl::flat_hash_set<uint32_t, Hash, Equal> numbers_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_STRING_POOL_H_
