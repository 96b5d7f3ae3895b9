#include "index/store/write_record.h"

#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "index/store/byte_codec.h"

namespace foraker::index {
namespace {

constexpr uint64_t kVersion = 1;
constexpr uint8_t kPut = 1;
constexpr uint8_t kDelete = 2;

void EncodeKeys(std::span<const TermKey> keys, ByteWriter& out) {
  out.Number(keys.size());
  TermKey next = 0;
  for (const TermKey key : keys) {
    out.Number(key - next);
    next = key + 1;
  }
}

std::vector<TermKey> DecodeKeys(ByteReader& in) {
  const size_t count = in.Count();
  std::vector<TermKey> keys;
  keys.reserve(count);
  TermKey next = 0;
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const TermKey key = next + in.Number();
    if (key < next || (i > 0 && next == 0)) in.Fail();  // beyond 64 bits
    keys.push_back(key);
    next = key + 1;
  }
  return keys;
}

template <typename Integer>
std::vector<Integer> DecodeArray(size_t count, ByteReader& in) {
  std::vector<Integer> values;
  if (count > in.left() / sizeof(Integer)) in.Fail();
  if (!in.ok()) return values;
  values.reserve(count);
  for (size_t i = 0; i < count; ++i) values.push_back(in.Fixed<Integer>());
  return values;
}

void EncodeField(const Field& field, ByteWriter& out) {
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

FieldValue DecodeValue(FieldType type, ByteReader& in) {
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

Field DecodeField(ByteReader& in) {
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

void EncodePassage(const Passage& passage, ByteWriter& out) {
  out.Number(passage.text_begin);
  out.Number(passage.text_end);
  EncodeKeys(passage.vector.keys, out);
  for (const base::Float16Bits weight : passage.vector.weights) out.Fixed(weight);
  out.Byte(passage.vector.positions.empty() ? 0 : 1);
  for (const Position position : passage.vector.positions) out.Fixed(position);
  EncodeKeys(passage.counted, out);
}

uint32_t DecodeTextOffset(ByteReader& in) {
  const uint64_t offset = in.Number();
  if (offset > UINT32_MAX) in.Fail();
  return static_cast<uint32_t>(offset);
}

Passage DecodePassage(ByteReader& in) {
  Passage passage;
  passage.text_begin = DecodeTextOffset(in);
  passage.text_end = DecodeTextOffset(in);
  passage.vector.keys = DecodeKeys(in);
  const size_t terms = passage.vector.keys.size();
  passage.vector.weights = DecodeArray<base::Float16Bits>(terms, in);
  const uint8_t positions = in.Byte();
  if (positions > 1 || (positions == 1 && terms == 0)) in.Fail();
  if (positions == 1) passage.vector.positions = DecodeArray<Position>(terms, in);
  passage.counted = DecodeKeys(in);
  return passage;
}

void EncodePut(const PutDocument& put, ByteWriter& out) {
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

PutDocument DecodePut(std::string_view id, uint64_t sequence, ByteReader& in) {
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
  ByteWriter out;
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
  return out.TakeWithChecksum();
}

absl::StatusOr<LoggedWrite> DecodeWrite(std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::string_view body, CheckedBody(bytes));
  ByteReader in(body);
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
