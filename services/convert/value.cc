#include "services/convert/value.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::convert {
namespace {

// The years 1 to 9999, as google.protobuf.Timestamp defines them.
constexpr int64_t kMinSeconds = -62'135'596'800;
constexpr int64_t kMaxSeconds = 253'402'300'799;
// google.protobuf.Duration: about 10,000 years.
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

struct ValueToProto {
  v1::Value& to;
  void operator()(const std::string& value) const { to.set_keyword(value); }
  void operator()(int64_t value) const { to.set_integer(value); }
  void operator()(double value) const { to.set_real(value); }
  void operator()(bool value) const { to.set_boolean(value); }
  void operator()(absl::Time value) const { ToProto(value, *to.mutable_timestamp()); }
};

}  // namespace

absl::StatusOr<retrieval::Value> FromProto(const v1::Value& from, const FieldPath& path) {
  switch (from.kind_case()) {
    case v1::Value::kKeyword:
      return retrieval::Value(from.keyword());
    case v1::Value::kInteger:
      return retrieval::Value(int64_t{from.integer()});
    case v1::Value::kReal:
      if (std::isnan(from.real())) {
        return path.Field("real").Invalid("not-a-number compares with nothing");
      }
      return retrieval::Value(from.real());
    case v1::Value::kBoolean:
      return retrieval::Value(from.boolean());
    case v1::Value::kTimestamp: {
      ASSIGN_OR_RETURN(absl::Time time, FromProto(from.timestamp(), path.Field("timestamp")));
      return retrieval::Value(time);
    }
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return path.Invalid("expected one of keyword, integer, real, boolean, timestamp");
}

void ToProto(const retrieval::Value& from, v1::Value& to) { std::visit(ValueToProto{to}, from); }

absl::StatusOr<absl::Time> FromProto(const google::protobuf::Timestamp& from,
                                     const FieldPath& path) {
  if (from.seconds() < kMinSeconds || from.seconds() > kMaxSeconds || from.nanos() < 0 ||
      from.nanos() >= kNanosPerSecond) {
    return path.Invalid("expected a time of the years 1 to 9999 and nanos of 0 to 999,999,999");
  }
  return absl::FromUnixSeconds(from.seconds()) + absl::Microseconds(from.nanos() / 1000);
}

void ToProto(absl::Time from, google::protobuf::Timestamp& to) {
  const int64_t seconds = std::clamp(absl::ToUnixSeconds(from), kMinSeconds, kMaxSeconds);
  const absl::Duration rest = from - absl::FromUnixSeconds(seconds);
  to.set_seconds(seconds);
  to.set_nanos(static_cast<int32_t>(
      std::clamp<int64_t>(absl::ToInt64Nanoseconds(rest), 0, kNanosPerSecond - 1)));
}

absl::StatusOr<absl::Duration> FromProto(const google::protobuf::Duration& from,
                                         const FieldPath& path) {
  const bool mixed =
      (from.seconds() > 0 && from.nanos() < 0) || (from.seconds() < 0 && from.nanos() > 0);
  if (mixed || std::abs(from.nanos()) >= kNanosPerSecond || from.seconds() > kMaxDurationSeconds ||
      from.seconds() < -kMaxDurationSeconds) {
    return path.Invalid("expected a duration with seconds and nanos of one sign, in range");
  }
  return absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

void ToProto(absl::Duration from, google::protobuf::Duration& to) {
  from = std::clamp(from, -absl::Seconds(kMaxDurationSeconds), absl::Seconds(kMaxDurationSeconds));
  const int64_t seconds = absl::IDivDuration(from, absl::Seconds(1), &from);
  to.set_seconds(seconds);
  to.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(from)));
}

retrieval::ByteRange FromProto(const v1::ByteRange& from) { return {from.begin(), from.end()}; }

void ToProto(const retrieval::ByteRange& from, v1::ByteRange& to) {
  to.set_begin(from.begin);
  to.set_end(from.end);
}

std::pair<std::string, std::string> FromProto(const v1::Term& from) {
  switch (from.name_case()) {
    case v1::Term::kToken:
      return {"token", from.token()};
    case v1::Term::kStem:
      return {"stem", from.stem()};
    case v1::Term::kTitle:
      return {"title", from.title()};
    case v1::Term::kImported:
      return {"imported", from.imported()};
    case v1::Term::NAME_NOT_SET:
      break;
  }
  return {"", ""};
}

void TermToProto(std::string_view kind, std::string_view name, v1::Term& to) {
  std::string text(name);
  if (kind == "token") {
    to.set_token(std::move(text));
  } else if (kind == "stem") {
    to.set_stem(std::move(text));
  } else if (kind == "title") {
    to.set_title(std::move(text));
  } else {
    to.set_imported(std::move(text));
  }
}

absl::StatusOr<retrieval::DocumentView> FromProto(const v1::Document& from) {
  retrieval::DocumentView to;
  to.id = from.id();
  to.version = from.version();
  to.title = from.title();
  to.text = from.text();
  const FieldPath path;
  for (const auto& [name, list] : from.fields()) {
    std::vector<retrieval::Value> values;
    for (const v1::Value& value : list.values()) {
      ASSIGN_OR_RETURN(values.emplace_back(), FromProto(value, path.Field("fields")));
    }
    to.fields.emplace_back(name, std::move(values));
  }
  // A map has no order of its own.
  std::sort(to.fields.begin(), to.fields.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return to;
}

void ToProto(const retrieval::DocumentView& from, v1::Document& to) {
  to.set_id(from.id);
  to.set_version(from.version);
  to.set_title(from.title);
  to.set_text(from.text);
  for (const auto& [name, values] : from.fields) {
    v1::ValueList& list = (*to.mutable_fields())[name];
    for (const retrieval::Value& value : values) ToProto(value, *list.add_values());
  }
}

}  // namespace foraker::convert
