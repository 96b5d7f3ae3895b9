#include "agent/trace/difference.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace foraker::agent::trace {
namespace {

constexpr size_t kShown = 60;   // bytes of a text
constexpr size_t kBefore = 20;  // of them before the first difference

bool Continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The text around byte `at`, cut between characters.
std::string Shorten(const std::string& text, size_t at) {
  size_t begin = at > kBefore && text.size() > kShown ? at - kBefore : 0;
  size_t end = std::min(text.size(), begin + kShown);
  while (begin > 0 && Continues(text[begin])) --begin;
  while (end < text.size() && Continues(text[end])) ++end;
  return absl::StrCat(begin > 0 ? "..." : "", Dump(text.substr(begin, end - begin)),
                      end < text.size() ? "..." : "");
}

Difference Between(const Json& left, const Json& right) {
  size_t at = 0;
  if (left.is_string() && right.is_string()) {
    const auto& a = left.get_ref<const std::string&>();
    const auto& b = right.get_ref<const std::string&>();
    at = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                             a.begin());
  }
  return {"", Show(left, at), Show(right, at)};
}

// `inner`, seen from outside.
Difference Below(const std::string& part, Difference inner) {
  const bool joined = inner.path.empty() || inner.path.front() == '[';
  inner.path = absl::StrCat(part, joined ? "" : ".", inner.path);
  return inner;
}

std::optional<Difference> InObjects(const Json& left, const Json& right) {
  for (const auto& [name, value] : right.items()) {
    const auto other = left.find(name);
    if (other == left.end()) return Difference{name, "nothing", Show(value)};
    if (auto found = FirstDifference(*other, value)) return Below(name, *std::move(found));
  }
  for (const auto& [name, value] : left.items()) {
    if (!right.contains(name)) return Difference{name, Show(value), "nothing"};
  }
  return std::nullopt;
}

std::optional<Difference> InArrays(const Json& left, const Json& right) {
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (auto found = FirstDifference(left[i], right[i])) {
      return Below(absl::StrCat("[", i, "]"), *std::move(found));
    }
  }
  if (left.size() != right.size()) return Between(left, right);
  return std::nullopt;
}

}  // namespace

std::string Show(const Json& json, size_t at) {
  if (json.is_array()) return absl::StrCat(json.size(), json.size() == 1 ? " item" : " items");
  if (json.is_object()) return "an object";
  if (json.is_string()) return Shorten(json.get_ref<const std::string&>(), at);
  return Dump(json);
}

std::optional<Difference> FirstDifference(const Json& left, const Json& right) {
  if (left.is_object() && right.is_object()) return InObjects(left, right);
  if (left.is_array() && right.is_array()) return InArrays(left, right);
  const bool numbers = left.is_number() && right.is_number();
  if (numbers ? Dump(left) == Dump(right) : left == right) return std::nullopt;
  return Between(left, right);
}

}  // namespace foraker::agent::trace
