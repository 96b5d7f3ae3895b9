#include "agent/llm/tool_args.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

using Json = nlohmann::json;

std::optional<ToolArgs> ReadJson(std::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  ToolArgs args;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) args.members.emplace_back(name, value.get_ref<const std::string&>());
  }
  return args;
}

// The end of the object that begins `text`, by its braces outside of double quotes; npos: none.
size_t BalancedEnd(std::string_view text) {
  size_t depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (quoted) {
      if (byte == '\\') ++i;
      if (byte == '"') quoted = false;
    } else if (byte == '"') {
      quoted = true;
    } else if (byte == '{') {
      ++depth;
    } else if (byte == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

struct Quote {
  std::string_view open, close;
};
constexpr Quote kQuotes[] = {{"\"", "\""},
                             {"'", "'"},
                             {"`", "`"},
                             {"\u201C", "\u201D"},   // double, curly
                             {"\u2018", "\u2019"}};  // single, curly

bool IsSpace(char byte) { return absl::ascii_isspace(static_cast<unsigned char>(byte)); }

// Reads members after the bracket that opens them.
class LooseReader {
 public:
  LooseReader(std::string_view text, char close) : rest_(text), close_(close) {}

  ToolArgs Read() {
    ToolArgs args;
    for (;;) {
      while (!rest_.empty() && (IsSpace(rest_[0]) || rest_[0] == ',')) rest_.remove_prefix(1);
      if (rest_.empty() || rest_[0] == close_) return args;
      const std::string name = ReadName();
      SkipSpace();
      if (name.empty() || rest_.empty() || (rest_[0] != ':' && rest_[0] != '=')) return args;
      rest_.remove_prefix(1);
      SkipSpace();
      if (std::optional<std::string> value = ReadValue(); value.has_value()) {
        args.members.emplace_back(name, std::move(*value));
      }
    }
  }

 private:
  void SkipSpace() {
    while (!rest_.empty() && IsSpace(rest_[0])) rest_.remove_prefix(1);
  }

  const Quote* QuoteHere() const {
    for (const Quote& quote : kQuotes) {
      if (rest_.starts_with(quote.open)) return &quote;
    }
    return nullptr;
  }

  std::string ReadName() {
    if (const Quote* quote = QuoteHere(); quote != nullptr) {
      rest_.remove_prefix(quote->open.size());
      const size_t end = std::min(rest_.find(quote->close), rest_.size());
      std::string name(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + quote->close.size(), rest_.size()));
      return name;
    }
    size_t end = 0;
    while (end < rest_.size() && (absl::ascii_isalnum(static_cast<unsigned char>(rest_[end])) ||
                                  rest_[end] == '_' || rest_[end] == '-')) {
      ++end;
    }
    std::string name(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return name;
  }

  // Null: it is no string.
  std::optional<std::string> ReadValue() {
    if (const Quote* quote = QuoteHere(); quote != nullptr) return ReadQuoted(*quote);
    if (!rest_.empty() && (rest_[0] == '{' || rest_[0] == '[')) {
      SkipNested();
      return std::nullopt;
    }
    const char ends[] = {',', '\n', close_, '\0'};
    const size_t end = std::min(rest_.find_first_of(ends), rest_.size());
    const std::string word(absl::StripAsciiWhitespace(base::ToAbsl(rest_.substr(0, end))));
    rest_.remove_prefix(end);
    for (const char* constant : {"null", "None", "true", "True", "false", "False", ""}) {
      if (word == constant) return std::nullopt;
    }
    return word;
  }

  // A quote ends its string where a member, the object or the text ends behind it; any other one
  // was meant as a character.
  std::string ReadQuoted(const Quote& quote) {
    rest_.remove_prefix(quote.open.size());
    std::string value;
    while (!rest_.empty()) {
      if (rest_[0] == '\\' && rest_.size() > 1) {
        const char next = rest_[1];
        if (next == 'n' || next == 't' || next == 'r') {
          value.push_back(' ');
        } else {
          value.push_back(next);
        }
        rest_.remove_prefix(2);
        continue;
      }
      if (rest_.starts_with(quote.close) && EndsMember(rest_.substr(quote.close.size()))) {
        rest_.remove_prefix(quote.close.size());
        return value;
      }
      value.push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    return value;
  }

  bool EndsMember(std::string_view behind) const {
    const auto next = [&behind] {
      while (!behind.empty() && IsSpace(behind[0])) behind.remove_prefix(1);
      return behind.empty() ? '\0' : behind[0];
    };
    if (next() != ',') return next() == '\0' || next() == close_;
    behind.remove_prefix(1);
    return next() == '\0' || next() == close_ || next() == '"' || next() == '\'';
  }

  void SkipNested() {
    size_t depth = 0;
    do {
      if (rest_[0] == '{' || rest_[0] == '[') ++depth;
      if (rest_[0] == '}' || rest_[0] == ']') --depth;
      rest_.remove_prefix(1);
    } while (depth > 0 && !rest_.empty());
  }

  std::string_view rest_;
  const char close_;
};

}  // namespace

const std::string* ToolArgs::Find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const auto& member) { return member.first == name; });
  return found == members.end() ? nullptr : &found->second;
}

std::optional<ToolArgs> ReadToolArgs(std::string_view text) {
  if (std::optional<ToolArgs> args = ReadJson(text); args.has_value()) {
    args->strict = true;
    return args;
  }
  const size_t open = text.find_first_of("{(");
  if (open == std::string_view::npos) return std::nullopt;
  text.remove_prefix(open);
  if (text[0] == '{') {
    if (auto args = ReadJson(text.substr(0, BalancedEnd(text))); args.has_value()) return args;
  }
  return LooseReader(text.substr(1), text[0] == '{' ? '}' : ')').Read();
}

}  // namespace foraker::agent
