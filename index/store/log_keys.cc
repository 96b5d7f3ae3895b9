#include "index/store/log_keys.h"

#include "base/status.h"

namespace foraker::index {
namespace {

constexpr char kEntry = 'l';
constexpr char kRequest = 'r';
constexpr size_t kNumberBytes = 8;

// "NAME 00 kind"
std::string Prefix(std::string_view collection, char kind) {
  std::string prefix(collection);
  prefix.push_back('\0');
  prefix.push_back(kind);
  return prefix;
}

// The first key behind those that start with "NAME 00 kind".
std::string Behind(std::string_view collection, char kind) {
  return Prefix(collection, static_cast<char>(kind + 1));
}

void AppendLittleEndian(uint64_t value, std::string& out) {
  for (size_t i = 0; i < kNumberBytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) {
    value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

}  // namespace

std::string LogKey(std::string_view collection, uint64_t sequence) {
  std::string key = Prefix(collection, kEntry);
  for (size_t i = kNumberBytes; i-- > 0;) key.push_back(static_cast<char>(sequence >> (8 * i)));
  return key;
}

std::string RequestKey(std::string_view collection, std::string_view request) {
  return Prefix(collection, kRequest).append(request);
}

KeyRange LogAbove(std::string_view collection, uint64_t sequence) {
  const std::string end = Behind(collection, kEntry);
  return {sequence == UINT64_MAX ? end : LogKey(collection, sequence + 1), end};
}

KeyRange LogUpTo(std::string_view collection, uint64_t sequence) {
  return {Prefix(collection, kEntry), LogAbove(collection, sequence).begin};
}

KeyRange Requests(std::string_view collection) {
  return {Prefix(collection, kRequest), Behind(collection, kRequest)};
}

KeyRange EverythingOf(std::string_view collection) {
  std::string begin(collection), end(collection);
  begin.push_back('\0');
  end.push_back('\1');
  return {std::move(begin), std::move(end)};
}

absl::StatusOr<std::string> CollectionOfKey(std::string_view key) {
  const size_t end = key.find('\0');
  if (end != std::string_view::npos) return std::string(key.substr(0, end));
  return absl::DataLossError("the log has a key without a collection");
}

absl::StatusOr<uint64_t> SequenceOfKey(std::string_view collection, std::string_view key) {
  const size_t prefix = collection.size() + 2;
  if (key.size() != prefix + kNumberBytes) {
    return absl::DataLossError(absl::StrCat("the log of collection \"", base::ToAbsl(collection),
                                            "\" has a key of ", key.size(), " bytes"));
  }
  uint64_t sequence = 0;
  for (const char byte : key.substr(prefix)) sequence = sequence << 8 | static_cast<uint8_t>(byte);
  return sequence;
}

std::string EncodeRequest(const RememberedRequest& request) {
  std::string value;
  AppendLittleEndian(request.hash, value);
  AppendLittleEndian(static_cast<uint64_t>(absl::ToUnixMicros(request.time)), value);
  return value.append(request.outcome);
}

absl::StatusOr<RememberedRequest> DecodeRequest(std::string_view collection, std::string_view key,
                                                std::string_view value) {
  const size_t prefix = collection.size() + 2;
  if (key.size() < prefix || value.size() < 2 * kNumberBytes) {
    return absl::DataLossError(absl::StrCat("collection \"", base::ToAbsl(collection),
                                            "\" has a remembered request of ", value.size(),
                                            " bytes"));
  }
  RememberedRequest request;
  request.id = key.substr(prefix);
  request.hash = LittleEndian(value);
  request.time = absl::FromUnixMicros(static_cast<int64_t>(LittleEndian(value.substr(8))));
  request.outcome = value.substr(2 * kNumberBytes);
  return request;
}

}  // namespace foraker::index
