#include "retrieval/canonical_bytes.h"

#include <xxhash.h>

#include <bit>
#include <variant>

#include "absl/time/time.h"

namespace foraker::retrieval {

void ByteWriter::PutValue(const Value& value) {
  Put(static_cast<uint8_t>(value.index()));
  if (const auto* text = std::get_if<std::string>(&value)) {
    PutString<uint32_t>(*text);
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    Put(static_cast<uint64_t>(*integer));
  } else if (const auto* real = std::get_if<double>(&value)) {
    Put(std::bit_cast<uint64_t>(*real));
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    Put(static_cast<uint8_t>(*boolean));
  } else {
    Put(static_cast<uint64_t>(absl::ToUnixMicros(std::get<absl::Time>(value))));
  }
}

void ByteWriter::PutTerm(const NamedTerm& term) {
  Put(static_cast<uint8_t>(term.kind));
  PutString<uint32_t>(term.text);
  Put(std::bit_cast<uint32_t>(term.weight));
}

uint64_t ByteWriter::Hash() const { return XXH3_64bits(bytes_.data(), bytes_.size()); }

std::string_view ByteReader::Take(size_t count) {
  if (count > bytes_.size()) {
    ok_ = false;
    bytes_ = {};
    return {};
  }
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

}  // namespace foraker::retrieval
