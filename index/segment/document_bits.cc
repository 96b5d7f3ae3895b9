#include "index/segment/document_bits.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace foraker::index {
namespace {

constexpr size_t kContainerWords = (1 << 16) / 64;
constexpr uint32_t kMaxArray = 4096;       // documents; beyond, a container is its bits
constexpr uint32_t kCookieNoRuns = 12346;  // github.com/RoaringBitmap/RoaringFormatSpec

template <typename T>
void AppendRaw(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

void AppendContainer(std::span<const uint64_t> words, uint32_t count, std::string& out) {
  if (count > kMaxArray) {
    out.append(reinterpret_cast<const char*>(words.data()), words.size_bytes());
    out.append((kContainerWords - words.size()) * sizeof(uint64_t), '\0');
    return;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    for (uint64_t rest = words[i]; rest != 0; rest &= rest - 1) {
      AppendRaw(out, static_cast<uint16_t>(i * 64 + static_cast<size_t>(std::countr_zero(rest))));
    }
  }
}

}  // namespace

// Adding documents one by one is an order of magnitude slower than writing the portable form of the
// bitmap, whose containers are what we have, and reading it back.
DocumentSet ToDocumentSet(std::span<const uint64_t> bits) {
  std::string keys, offsets, containers;
  uint32_t size = 0;
  for (size_t begin = 0; begin < bits.size(); begin += kContainerWords) {
    const auto words = bits.subspan(begin, std::min(kContainerWords, bits.size() - begin));
    uint32_t count = 0;
    for (const uint64_t word : words) count += static_cast<uint32_t>(std::popcount(word));
    if (count == 0) continue;
    ++size;
    AppendRaw(keys, static_cast<uint16_t>(begin / kContainerWords));
    AppendRaw(keys, static_cast<uint16_t>(count - 1));
    AppendRaw(offsets, static_cast<uint32_t>(containers.size()));
    AppendContainer(words, count, containers);
  }
  if (size == 0) return DocumentSet();
  std::string portable;
  AppendRaw(portable, kCookieNoRuns);
  AppendRaw(portable, size);
  portable += keys;
  const auto first = static_cast<uint32_t>(portable.size() + offsets.size());
  for (size_t at = 0; at < offsets.size(); at += sizeof(uint32_t)) {
    uint32_t offset;
    std::memcpy(&offset, offsets.data() + at, sizeof(offset));
    AppendRaw(portable, offset + first);
  }
  portable += containers;
  return DocumentSet::readSafe(portable.data(), portable.size());
}

}  // namespace foraker::index
