// Structs as JSON objects and back, from one description of their members:
//
//   void Describe(auto& member, IsA<Citation> auto& citation) {
//     member("document_id", citation.document_id);
//     ...
//   }
//
// Encode hands it a writer and a const struct, Decode a reader. Members stand in the order of the
// description; an optional without a value is left out; everything else must be there. Enums go by
// kNames, the names in the order of their values.
//
// Decode stops at the first thing it cannot read: kInvalidArgument "reply.passages[2].score:
// expected a number". Members that the description does not know are not looked at.

#ifndef FORAKER_AGENT_TRACE_JSON_CODEC_H_
#define FORAKER_AGENT_TRACE_JSON_CODEC_H_

#include <algorithm>
#include <concepts>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/trace/json_values.h"
#include "base/string_view.h"

namespace foraker::agent::trace {

template <typename T, typename Struct>
concept IsA = std::same_as<std::remove_const_t<T>, Struct>;

// Specialised for each enum (agent/trace/schema.h).
template <typename Enum>
inline constexpr std::span<const std::string_view> kNames;

template <typename T>
concept Primitive = requires(const Json& json, T& value) {
  { FromJson(json, value) } -> std::same_as<bool>;
};
template <typename T>
concept Enum = std::is_enum_v<T>;

// ---- writing ----

template <typename T>
Json Encode(const T& value);

class MemberWriter {
 public:
  explicit MemberWriter(Json& object) : object_(object) {}
  template <typename T>
  void operator()(std::string_view name, const T& value) {
    object_[std::string(name)] = Encode(value);
  }
  template <typename T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (value.has_value()) object_[std::string(name)] = Encode(*value);
  }

 private:
  Json& object_;
};

template <typename T>
Json EncodeList(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(Encode(value));
  return list;
}

template <typename T>
Json Encode(const T& value) {
  if constexpr (Enum<T>) {
    return std::string(kNames<T>[static_cast<size_t>(value)]);
  } else if constexpr (Primitive<T>) {
    return ToJson(value);
  } else if constexpr (requires { value.begin(); }) {
    return EncodeList(value);
  } else {
    Json object = Json::object();
    MemberWriter member(object);
    Describe(member, value);
    return object;
  }
}

// ---- reading ----

// Where a reader is, and the first thing that it could not read.
class ReadState {
 public:
  bool ok() const { return status_.ok(); }
  const absl::Status& status() const { return status_; }
  void Refuse(std::string_view what) {
    if (!ok()) return;
    status_ = absl::InvalidArgumentError(
        absl::StrCat(path_, path_.empty() ? "" : ": ", base::ToAbsl(what)));
  }
  void Expect(std::string_view what) {
    if (ok()) Refuse(absl::StrCat("expected ", base::ToAbsl(what)));
  }

  // Runs `read` with `part` (".name", "[2]") at the path's end.
  void Below(absl::string_view part, const auto& read) {
    const size_t length = path_.size();
    if (path_.empty() && part[0] == '.') part.remove_prefix(1);
    absl::StrAppend(&path_, part);
    ++depth_;
    if (depth_ > kMaxDepth) {
      Refuse("is nested too deep");
    } else {
      read();
    }
    --depth_;
    path_.resize(length);
  }

 private:
  static constexpr int kMaxDepth = 100;  // of filters
  std::string path_;
  absl::Status status_;
  int depth_ = 0;
};

template <typename T>
void Decode(const Json& json, T& value, ReadState& state);

class MemberReader {
 public:
  MemberReader(const Json& object, ReadState& state) : object_(object), state_(state) {}
  template <typename T>
  void operator()(std::string_view name, T& value) {
    Read(name, true, [&](const Json& json) { Decode(json, value, state_); });
  }
  template <typename T>
  void operator()(std::string_view name, std::optional<T>& value) {
    Read(name, false, [&](const Json& json) { Decode(json, value.emplace(), state_); });
  }

 private:
  void Read(std::string_view name, bool required, const auto& decode) {
    if (!state_.ok()) return;
    const auto found = object_.find(std::string(name));
    if (found == object_.end() && !required) return;
    state_.Below(absl::StrCat(".", base::ToAbsl(name)), [&] {
      if (found == object_.end()) {
        state_.Refuse("is missing");
      } else {
        decode(*found);
      }
    });
  }

  const Json& object_;
  ReadState& state_;
};

template <typename T>
void DecodeList(const Json& json, std::vector<T>& values, ReadState& state) {
  if (!json.is_array()) return state.Expect("a list");
  for (size_t i = 0; i < json.size() && state.ok(); ++i) {
    state.Below(absl::StrCat("[", i, "]"), [&] { Decode(json[i], values.emplace_back(), state); });
  }
}

template <Enum T>
void DecodeEnum(const Json& json, T& value, ReadState& state) {
  const std::span<const std::string_view> names = kNames<T>;
  const auto* name = json.get_ptr<const std::string*>();
  const auto found = name == nullptr ? names.end() : std::find(names.begin(), names.end(), *name);
  if (found == names.end()) {
    std::string known;
    for (const std::string_view each : names) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", base::ToAbsl(each));
    }
    return state.Expect(absl::StrCat("one of ", known));
  }
  value = static_cast<T>(std::distance(names.begin(), found));
}

template <typename T>
void Decode(const Json& json, T& value, ReadState& state) {
  if constexpr (Enum<T>) {
    DecodeEnum(json, value, state);
  } else if constexpr (Primitive<T>) {
    if (!FromJson(json, value)) state.Expect(Expected(value));
  } else if constexpr (requires { value.emplace_back(); }) {
    DecodeList(json, value, state);
  } else {
    if (!json.is_object()) return state.Expect("an object");
    MemberReader member(json, state);
    Describe(member, value);
  }
}

}  // namespace foraker::agent::trace

#endif  // FORAKER_AGENT_TRACE_JSON_CODEC_H_
