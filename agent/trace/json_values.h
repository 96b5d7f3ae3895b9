// What a trace's values are as JSON: every value comes back with the same bits, and every value is
// written in one way only.
//
//   whole number, bool          as JSON has them
//   float, double               shortest decimal digits that read back as it ("1.0", never "1");
//                               {"number": "nan" | "inf" | "-inf"} for what JSON lacks
//   string                      a string; {"base64": "..."} where its bytes are not UTF-8
//   time                        RFC 3339 in UTC, fractions as far as they go, "infinite-future"
//   duration                    "1m2.5s", "inf"
//   Value (of a filter)         by its type: "text", 3, 3.0, true, {"time": "..."}
//   enum                        its name
//
// Pure functions. Readers say false where the JSON is no such value.

#ifndef FORAKER_AGENT_TRACE_JSON_VALUES_H_
#define FORAKER_AGENT_TRACE_JSON_VALUES_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent::trace {

using Json = nlohmann::ordered_json;  // members in the order in which they are set

Json ToJson(bool value);
Json ToJson(uint32_t value);
Json ToJson(uint64_t value);
Json ToJson(float value);
Json ToJson(double value);
Json ToJson(const std::string& value);
Json ToJson(absl::Time value);
Json ToJson(absl::Duration value);
Json ToJson(const retrieval::Value& value);

bool FromJson(const Json& json, bool& value);
bool FromJson(const Json& json, uint32_t& value);
bool FromJson(const Json& json, uint64_t& value);
bool FromJson(const Json& json, float& value);
bool FromJson(const Json& json, double& value);
bool FromJson(const Json& json, std::string& value);
bool FromJson(const Json& json, absl::Time& value);
bool FromJson(const Json& json, absl::Duration& value);
bool FromJson(const Json& json, retrieval::Value& value);

// What a reader expects, for messages: "a number", "a time as in 2026-01-02T03:04:05.5Z".
inline std::string_view Expected(bool) { return "true or false"; }
inline std::string_view Expected(uint32_t) { return "a whole number below 2^32"; }
inline std::string_view Expected(uint64_t) { return "a whole number below 2^64"; }
inline std::string_view Expected(float) { return "a number"; }
inline std::string_view Expected(double) { return "a number"; }
inline std::string_view Expected(const std::string&) { return R"(a string or {"base64": "..."})"; }
inline std::string_view Expected(absl::Time) { return "a time as in 2026-01-02T03:04:05.5Z"; }
inline std::string_view Expected(absl::Duration) { return "a duration as in 1m2.5s"; }
inline std::string_view Expected(const retrieval::Value&) {
  return R"(a string, number, true, false or {"time": "..."})";
}

// One line, without a line's end.
std::string Dump(const Json& json);

}  // namespace foraker::agent::trace

#endif  // FORAKER_AGENT_TRACE_JSON_VALUES_H_
