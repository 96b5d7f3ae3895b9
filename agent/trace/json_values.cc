#include "agent/trace/json_values.h"

#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "base/string_view.h"

namespace foraker::agent::trace {
namespace {

constexpr const char* kTimeFormat = "%Y-%m-%dT%H:%M:%E*SZ";

// Well-formed byte sequences, Unicode 15.0 table 3-7.
bool IsUtf8(std::string_view text) {
  const auto at = [&text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto within = [](unsigned byte, unsigned low, unsigned high) {
    return byte >= low && byte <= high;
  };
  for (size_t i = 0; i < text.size();) {
    const unsigned lead = at(i);
    size_t length = 1;
    unsigned low = 0x80, high = 0xBF;  // of the second byte
    if (lead >= 0x80) {
      if (!within(lead, 0xC2, 0xF4)) return false;
      length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;  // no surrogates
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
      if (!within(at(i + 1), low, high)) return false;
    }
    for (size_t j = 2; j < length; ++j) {
      if (!within(at(i + j), 0x80, 0xBF)) return false;
    }
    i += length;
  }
  return true;
}

// The text of {"name": "text"}; null for anything else.
const std::string* Tagged(const Json& json, const char* name) {
  if (!json.is_object() || json.size() != 1) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : found->get_ptr<const std::string*>();
}

bool ReadTime(const std::string& text, absl::Time& value) {
  return absl::ParseTime(kTimeFormat, text, &value, nullptr);
}

std::string WriteTime(absl::Time value) {
  return absl::FormatTime(kTimeFormat, value, absl::UTCTimeZone());
}

}  // namespace

Json ToJson(bool value) { return value; }
Json ToJson(uint32_t value) { return value; }
Json ToJson(uint64_t value) { return value; }
Json ToJson(float value) { return ToJson(static_cast<double>(value)); }

Json ToJson(double value) {
  if (std::isfinite(value)) return value;
  return {{"number", std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"}};
}

Json ToJson(const std::string& value) {
  if (IsUtf8(value)) return value;
  return {{"base64", absl::Base64Escape(value)}};
}

Json ToJson(absl::Time value) { return WriteTime(value); }
Json ToJson(absl::Duration value) { return absl::FormatDuration(value); }

Json ToJson(const retrieval::Value& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, absl::Time>) {
          return {{"time", WriteTime(held)}};
        } else if constexpr (std::is_same_v<Held, int64_t>) {
          return held;
        } else {
          return ToJson(held);
        }
      },
      value);
}

bool FromJson(const Json& json, bool& value) {
  if (!json.is_boolean()) return false;
  value = json.get<bool>();
  return true;
}

bool FromJson(const Json& json, uint64_t& value) {
  if (!json.is_number_unsigned()) return false;
  value = json.get<uint64_t>();
  return true;
}

bool FromJson(const Json& json, uint32_t& value) {
  uint64_t wide = 0;
  if (!FromJson(json, wide) || wide > std::numeric_limits<uint32_t>::max()) return false;
  value = static_cast<uint32_t>(wide);
  return true;
}

bool FromJson(const Json& json, double& value) {
  if (json.is_number()) {
    value = json.get<double>();
    return true;
  }
  const std::string* name = Tagged(json, "number");
  if (name == nullptr) return false;
  if (*name == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (*name == "inf") {
    value = std::numeric_limits<double>::infinity();
  } else if (*name == "-inf") {
    value = -std::numeric_limits<double>::infinity();
  } else {
    return false;
  }
  return true;
}

bool FromJson(const Json& json, float& value) {
  double wide = 0;
  if (!FromJson(json, wide)) return false;
  if (std::isfinite(wide) && std::abs(wide) > std::numeric_limits<float>::max()) return false;
  value = static_cast<float>(wide);
  return true;
}

bool FromJson(const Json& json, std::string& value) {
  if (json.is_string()) {
    value = json.get_ref<const std::string&>();
    return true;
  }
  const std::string* encoded = Tagged(json, "base64");
  return encoded != nullptr && absl::Base64Unescape(*encoded, &value);
}

bool FromJson(const Json& json, absl::Time& value) {
  return json.is_string() && ReadTime(json.get_ref<const std::string&>(), value);
}

bool FromJson(const Json& json, absl::Duration& value) {
  return json.is_string() && absl::ParseDuration(json.get_ref<const std::string&>(), &value);
}

bool FromJson(const Json& json, retrieval::Value& value) {
  if (const std::string* time = Tagged(json, "time")) {
    absl::Time parsed;
    if (!ReadTime(*time, parsed)) return false;
    value = parsed;
    return true;
  }
  const auto read = [&](auto held) {
    if (!FromJson(json, held)) return false;
    value = std::move(held);
    return true;
  };
  if (json.is_number_float() || Tagged(json, "number") != nullptr) return read(0.0);
  if (json.is_boolean()) return read(false);
  if (!json.is_number_integer()) return read(std::string());
  if (json.is_number_unsigned() && json.get<uint64_t>() > uint64_t{INT64_MAX}) return false;
  value = json.get<int64_t>();
  return true;
}

std::string Dump(const Json& json) { return json.dump(); }

}  // namespace foraker::agent::trace
