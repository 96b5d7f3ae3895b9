#include "index/segment/string_pool.h"

#include <xxhash.h>

namespace foraker::index {

size_t StringPool::Hash::operator()(std::string_view s) const {
  return XXH3_64bits(s.data(), s.size());
}

uint32_t StringPool::Intern(std::string_view s) {
  if (const std::optional<uint32_t> known = Find(s)) return *known;
  const uint32_t number = size();
  bytes_.append(s);
  begins_.push_back(bytes_.size());
  numbers_.insert(number);
  return number;
}

std::optional<uint32_t> StringPool::Find(std::string_view s) const {
  const auto found = numbers_.find(s);
  if (found == numbers_.end()) return std::nullopt;
  return *found;
}

size_t StringPool::memory_bytes() const {
  // A slot of the hash table is its value and a control byte.
  return bytes_.capacity() + begins_.capacity() * sizeof(uint64_t) + numbers_.capacity() * 5;
}

}  // namespace foraker::index
