#include "services/auth/key_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"

namespace foraker::auth {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxCollections = 1'000;  // of one key

absl::Status Expected(std::string_view member, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrFormat("%s: expected %s", member, what));
}

std::string ToHex(const TokenHash& hash) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

absl::Status SetHash(const Json& value, Key& key) {
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  const bool hex = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (text.size() != 2 * key.hash.size() || !hex) {
    return Expected("sha256", "64 hexadecimal digits, as `foraker keys add` writes them");
  }
  const std::string bytes = absl::HexStringToBytes(text);
  std::copy(bytes.begin(), bytes.end(), key.hash.begin());
  return absl::OkStatus();
}

absl::Status SetCollections(const Json& value, Key& key) {
  if (!value.is_array() || value.empty() || value.size() > kMaxCollections) {
    return Expected("collections", "a list of 1 to 1000 names; leave it out for all collections");
  }
  for (const Json& name : value) {
    if (!name.is_string() || name.get_ref<const std::string&>().empty()) {
      return Expected("collections", "names, in which * stands for any characters");
    }
    key.collections.push_back(name.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status SetRate(std::string_view member, const Json& value, double& rate) {
  if (!value.is_number() || !(value.get<double>() > 0) || !std::isfinite(value.get<double>())) {
    return Expected(member, "a number above 0");
  }
  rate = value.get<double>();
  return absl::OkStatus();
}

absl::Status SetMember(const std::string& member, const Json& value, Key& key) {
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (member == "name") {
    if (!IsKeyName(text)) return Expected("name", "1 to 64 of A-Z, a-z, 0-9, \".\", \"_\", \"-\"");
    key.name = text;
    return absl::OkStatus();
  }
  if (member == "scope") {
    const std::optional<Scope> scope = ParseScope(text);
    if (!scope) return Expected("scope", "read-only, read-write or admin");
    key.scope = *scope;
    return absl::OkStatus();
  }
  if (member == "expires") {
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, text, &key.expires, &error)) {
      return Expected("expires", "a time, as 2027-01-01T00:00:00Z");
    }
    return absl::OkStatus();
  }
  if (member == "sha256") return SetHash(value, key);
  if (member == "collections") return SetCollections(value, key);
  if (member == "requests_per_second") return SetRate(member, value, key.quota.requests);
  if (member == "postings_per_second") return SetRate(member, value, key.quota.postings);
  return absl::InvalidArgumentError(absl::StrFormat("unknown member \"%s\"", member));
}

absl::StatusOr<Key> ParseKey(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return absl::InvalidArgumentError("expected a JSON object");
  Key key;
  for (const auto& [member, value] : json.items()) RETURN_IF_ERROR(SetMember(member, value, key));
  for (const char* member : {"name", "scope", "sha256"}) {
    if (!json.contains(member)) return Expected(member, "to be given");
  }
  return key;
}

}  // namespace

absl::StatusOr<std::vector<Key>> ParseKeys(std::string_view text, std::string_view file) {
  std::vector<Key> keys;
  std::set<std::string> names;
  std::set<TokenHash> hashes;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#') continue;
    const std::string where = absl::StrFormat("%s:%d", file, number);
    absl::StatusOr<Key> key = ParseKey(line);
    if (!key.ok()) return base::Annotate(key.status(), where);
    if (!names.insert(key->name).second || !hashes.insert(key->hash).second) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: the name or the token of \"%s\" comes twice", where, key->name));
    }
    keys.push_back(*std::move(key));
    if (keys.size() > kMaxKeys) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: expected at most %d keys", file, kMaxKeys));
    }
  }
  return keys;
}

std::string FormatKey(const Key& key) {
  nlohmann::ordered_json json = {{"name", key.name}, {"scope", Name(key.scope)}};
  if (!key.collections.empty()) json["collections"] = key.collections;
  json["sha256"] = ToHex(key.hash);
  if (key.expires != absl::InfiniteFuture()) {
    json["expires"] = absl::FormatTime(absl::RFC3339_sec, key.expires, absl::UTCTimeZone());
  }
  if (key.quota.requests > 0) json["requests_per_second"] = key.quota.requests;
  if (key.quota.postings > 0) json["postings_per_second"] = key.quota.postings;
  return json.dump();
}

absl::StatusOr<std::vector<Key>> ReadKeyFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path));
  return ParseKeys(text, path);
}

absl::Status WriteKeyFile(const std::vector<Key>& keys, const std::string& path) {
  std::string text;
  for (const Key& key : keys) absl::StrAppend(&text, FormatKey(key), "\n");
  ASSIGN_OR_RETURN(const std::unique_ptr<base::AtomicFile> file, base::AtomicFile::Create(path));
  const std::string unfinished = path + std::string(base::kUnfinishedSuffix);
  if (chmod(unfinished.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return base::SystemError("restrict", unfinished);
  }
  RETURN_IF_ERROR(file->Append(std::as_bytes(std::span(text))));
  return file->Commit();
}

}  // namespace foraker::auth
