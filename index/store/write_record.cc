#include "index/store/write_record.h"

#include <bit>
#include <cstdint>
#include <span>
#include <utility>

#include "base/crc32c.h"
#include "base/status.h"

namespace foraker::index {
namespace {

constexpr uint64_t kVersion = 1;
constexpr uint8_t kPut = 1;
constexpr uint8_t kDelete = 2;

class Encoder {
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
  void String(std::string_view value) {
    Number(value.size());
    bytes_.append(value);
  }
  void Keys(std::span<const TermKey> keys) {
    Number(keys.size());
    TermKey next = 0;
    for (const TermKey key : keys) {
      Number(key - next);
      next = key + 1;
    }
  }
  std::string Finish() {
    Fixed(base::Crc32c(std::as_bytes(std::span(bytes_))));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Reads past the end, and numbers and keys of no valid form, give zeros and make ok() false.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  uint8_t Byte() { return Fixed<uint8_t>(); }
  template <typename Integer>
  Integer Fixed() {
    const std::string_view raw = Take(sizeof(Integer));
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
  // A number of things that take a byte each at least.
  size_t Count(size_t bytes_each = 1) {
    const uint64_t count = Number();
    if (count > bytes_.size() / bytes_each) Fail();
    return ok_ ? static_cast<size_t>(count) : 0;
  }
  std::string_view String() { return Take(Count()); }
  std::vector<TermKey> Keys() {
    const size_t count = Count();
    std::vector<TermKey> keys;
    keys.reserve(count);
    TermKey next = 0;
    for (size_t i = 0; i < count && ok_; ++i) {
      const TermKey key = next + Number();
      if (key < next || (i > 0 && next == 0)) Fail();  // beyond 64 bits
      keys.push_back(key);
      next = key + 1;
    }
    return keys;
  }
  template <typename Integer>
  std::vector<Integer> Array(size_t count) {
    std::vector<Integer> values;
    if (count > bytes_.size() / sizeof(Integer)) Fail();
    if (!ok_) return values;
    values.reserve(count);
    for (size_t i = 0; i < count; ++i) values.push_back(Fixed<Integer>());
    return values;
  }

  void Fail() {
    ok_ = false;
    bytes_ = {};
  }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view Take(size_t length) {
    if (length > bytes_.size()) Fail();
    if (!ok_) return {};
    const std::string_view taken = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return taken;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

void EncodeField(const Field& field, Encoder& out) {
  out.String(field.name);
  out.Byte(field.values.empty() ? 0 : static_cast<uint8_t>(TypeOf(field.values.front())));
  out.Number(field.values.size());
  for (const FieldValue& value : field.values) {
    if (const auto* keyword = std::get_if<std::string>(&value)) {
      out.String(*keyword);
    } else if (const auto* integer = std::get_if<int64_t>(&value)) {
      out.Fixed(static_cast<uint64_t>(*integer));
    } else if (const auto* real = std::get_if<double>(&value)) {
      out.Fixed(std::bit_cast<uint64_t>(*real));
    } else if (const auto* boolean = std::get_if<bool>(&value)) {
      out.Byte(*boolean ? 1 : 0);
    } else {
      out.Fixed(static_cast<uint64_t>(std::get<Timestamp>(value).micros));
    }
  }
}

FieldValue DecodeValue(FieldType type, Decoder& in) {
  switch (type) {
    case FieldType::kKeyword:
      return std::string(in.String());
    case FieldType::kInteger:
      return static_cast<int64_t>(in.Fixed<uint64_t>());
    case FieldType::kReal:
      return std::bit_cast<double>(in.Fixed<uint64_t>());
    case FieldType::kBoolean: {
      const uint8_t value = in.Byte();
      if (value > 1) in.Fail();
      return value == 1;
    }
    case FieldType::kTimestamp:
      return Timestamp{static_cast<int64_t>(in.Fixed<uint64_t>())};
  }
  in.Fail();
  return {};
}

Field DecodeField(Decoder& in) {
  Field field;
  field.name = in.String();
  const uint8_t type = in.Byte();
  const size_t count = in.Count();
  if ((type == 0) != (count == 0)) in.Fail();
  for (size_t i = 0; i < count && in.ok(); ++i) {
    field.values.push_back(DecodeValue(static_cast<FieldType>(type), in));
  }
  return field;
}

void EncodePassage(const Passage& passage, Encoder& out) {
  out.Number(passage.text_begin);
  out.Number(passage.text_end);
  out.Keys(passage.vector.keys);
  for (const base::Float16Bits weight : passage.vector.weights) out.Fixed(weight);
  out.Byte(passage.vector.positions.empty() ? 0 : 1);
  for (const Position position : passage.vector.positions) out.Fixed(position);
  out.Keys(passage.counted);
}

uint32_t DecodeTextOffset(Decoder& in) {
  const uint64_t offset = in.Number();
  if (offset > UINT32_MAX) in.Fail();
  return static_cast<uint32_t>(offset);
}

Passage DecodePassage(Decoder& in) {
  Passage passage;
  passage.text_begin = DecodeTextOffset(in);
  passage.text_end = DecodeTextOffset(in);
  passage.vector.keys = in.Keys();
  const size_t terms = passage.vector.keys.size();
  passage.vector.weights = in.Array<base::Float16Bits>(terms);
  const uint8_t positions = in.Byte();
  if (positions > 1 || (positions == 1 && terms == 0)) in.Fail();
  if (positions == 1) passage.vector.positions = in.Array<Position>(terms);
  passage.counted = in.Keys();
  return passage;
}

void EncodePut(const PutDocument& put, Encoder& out) {
  const Document& document = put.document;
  out.String(document.title);
  out.String(document.text);
  out.Byte(document.counted_namespace ? static_cast<uint8_t>(*document.counted_namespace) : 0);
  out.Number(document.fields.size());
  for (const Field& field : document.fields) EncodeField(field, out);
  out.Number(document.passages.size());
  for (const Passage& passage : document.passages) EncodePassage(passage, out);
  out.Number(put.names.size());
  for (const auto& [key, name] : put.names) {
    out.Fixed(key);
    out.String(name);
  }
}

PutDocument DecodePut(std::string_view id, uint64_t sequence, Decoder& in) {
  PutDocument put;
  Document& document = put.document;
  document.id = id;
  document.version = sequence;
  document.title = in.String();
  document.text = in.String();
  if (const uint8_t counted = in.Byte(); counted != 0) {
    document.counted_namespace = static_cast<TermNamespace>(counted);
  }
  const size_t fields = in.Count();
  for (size_t i = 0; i < fields && in.ok(); ++i) document.fields.push_back(DecodeField(in));
  const size_t passages = in.Count();
  for (size_t i = 0; i < passages && in.ok(); ++i) document.passages.push_back(DecodePassage(in));
  const size_t names = in.Count();
  for (size_t i = 0; i < names && in.ok(); ++i) {
    const TermKey key = in.Fixed<TermKey>();
    put.names.emplace_back(key, in.String());
  }
  return put;
}

}  // namespace

std::string EncodeWrite(const LoggedWrite& write) {
  Encoder out;
  out.Number(kVersion);
  out.Number(write.sequence);
  if (const auto* put = std::get_if<PutDocument>(&write.change)) {
    out.Byte(kPut);
    out.String(put->document.id);
    EncodePut(*put, out);
  } else {
    out.Byte(kDelete);
    out.String(std::get<DeleteDocument>(write.change).id);
  }
  return out.Finish();
}

absl::StatusOr<LoggedWrite> DecodeWrite(std::string_view bytes) {
  constexpr size_t kChecksumBytes = sizeof(uint32_t);
  if (bytes.size() <= kChecksumBytes) {
    return absl::DataLossError(absl::StrCat("a write of ", bytes.size(), " bytes is too short"));
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  const auto expected = Decoder(bytes.substr(body.size())).Fixed<uint32_t>();
  if (base::Crc32c(std::as_bytes(std::span(body))) != expected) {
    return absl::DataLossError("a write does not match its checksum");
  }
  Decoder in(body);
  if (const uint64_t version = in.Number(); in.ok() && version != kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("a write has version ", version, ", this build reads version ", kVersion));
  }
  LoggedWrite write;
  write.sequence = in.Number();
  const uint8_t kind = in.Byte();
  const std::string_view id = in.String();
  if (kind == kPut) {
    write.change = DecodePut(id, write.sequence, in);
  } else if (kind == kDelete) {
    write.change = DeleteDocument{std::string(id)};
  } else {
    in.Fail();
  }
  if (!in.ok() || !in.at_end()) return absl::DataLossError("a write is malformed");
  return write;
}

}  // namespace foraker::index
