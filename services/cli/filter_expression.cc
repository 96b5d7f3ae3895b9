#include "services/cli/filter_expression.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "services/cli/filter_tokens.h"

namespace foraker::cli {
namespace {

using retrieval::Filter;
using retrieval::Value;
using Kind = FilterToken::Kind;

constexpr int kMaxDepth = 32;

Filter Combine(Filter::Kind kind, std::vector<Filter> operands) {
  if (operands.size() == 1 && kind != Filter::Kind::kNot) return std::move(operands.front());
  Filter filter;
  filter.kind = kind;
  filter.operands = std::move(operands);
  return filter;
}

Filter Not(Filter operand) {
  std::vector<Filter> operands;
  operands.push_back(std::move(operand));
  return Combine(Filter::Kind::kNot, std::move(operands));
}

// Recursive descent, a function a rule of the grammar.
class Parser {
 public:
  explicit Parser(std::vector<FilterToken> tokens) : tokens_(std::move(tokens)) {}

  absl::StatusOr<Filter> Parse() {
    ASSIGN_OR_RETURN(Filter filter, Expression());
    if (Peek().kind != Kind::kEnd) return Expected("\"and\", \"or\" or the end");
    return filter;
  }

 private:
  absl::StatusOr<Filter> Expression() {
    std::vector<Filter> operands;
    do {
      ASSIGN_OR_RETURN(Filter operand, Conjunction());
      operands.push_back(std::move(operand));
    } while (TakeWord("or"));
    return Combine(Filter::Kind::kOr, std::move(operands));
  }

  absl::StatusOr<Filter> Conjunction() {
    std::vector<Filter> operands;
    do {
      ASSIGN_OR_RETURN(Filter operand, Condition());
      operands.push_back(std::move(operand));
    } while (TakeWord("and"));
    return Combine(Filter::Kind::kAnd, std::move(operands));
  }

  absl::StatusOr<Filter> Condition() {
    if (depth_ == kMaxDepth) return FilterError(Peek().column, "nested deeper than 32");
    ++depth_;
    absl::StatusOr<Filter> filter = NestedCondition();
    --depth_;
    return filter;
  }

  absl::StatusOr<Filter> NestedCondition() {
    if (TakeWord("not")) {
      ASSIGN_OR_RETURN(Filter operand, Condition());
      return Not(std::move(operand));
    }
    if (TakeSymbol("(")) {
      ASSIGN_OR_RETURN(Filter filter, Expression());
      if (!TakeSymbol(")")) return Expected("\"and\", \"or\" or \")\"");
      return filter;
    }
    if (IsWord("exists") && IsSymbol("(", 1)) return ExistsCondition();
    return Comparison();
  }

  absl::StatusOr<Filter> ExistsCondition() {
    at_ += 2;
    Filter filter;
    filter.kind = Filter::Kind::kExists;
    ASSIGN_OR_RETURN(filter.field, FieldName());
    if (!TakeSymbol(")")) return Expected("\")\"");
    return filter;
  }

  absl::StatusOr<Filter> Comparison() {
    ASSIGN_OR_RETURN(std::string field, FieldName());
    if (IsWord("not") && IsWord("in", 1)) {
      ++at_;
      ASSIGN_OR_RETURN(Filter filter, InCondition(std::move(field)));
      return Not(std::move(filter));
    }
    if (IsWord("in")) return InCondition(std::move(field));
    const std::string symbol = Peek().kind == Kind::kSymbol ? Peek().text : "";
    if (symbol.empty() || symbol == "(" || symbol == ")" || symbol == ",")
      return Expected("=, !=, <, <=, >, >= or \"in\"");
    ++at_;
    ASSIGN_OR_RETURN(Value value, ParseValue());
    return Compare(std::move(field), symbol, std::move(value));
  }

  static Filter Compare(std::string field, std::string_view symbol, Value value) {
    Filter filter;
    filter.field = std::move(field);
    if (symbol == "=" || symbol == "!=") {
      filter.kind = Filter::Kind::kEquals;
      filter.values.push_back(std::move(value));
      return symbol == "=" ? filter : Not(std::move(filter));
    }
    filter.kind = Filter::Kind::kRange;
    const bool inclusive = symbol.size() == 2;
    if (symbol[0] == '<') {
      filter.high = std::move(value);
      filter.high_inclusive = inclusive;
    } else {
      filter.low = std::move(value);
      filter.low_inclusive = inclusive;
    }
    return filter;
  }

  absl::StatusOr<Filter> InCondition(std::string field) {
    ++at_;
    if (!TakeSymbol("(")) return Expected("\"(\" and values");
    Filter filter;
    filter.kind = Filter::Kind::kIn;
    filter.field = std::move(field);
    do {
      ASSIGN_OR_RETURN(Value value, ParseValue());
      filter.values.push_back(std::move(value));
    } while (TakeSymbol(","));
    if (!TakeSymbol(")")) return Expected("\",\" or \")\"");
    return filter;
  }

  absl::StatusOr<std::string> FieldName() {
    if (Peek().kind != Kind::kWord && Peek().kind != Kind::kField) return Expected("a field");
    for (const char* word : {"and", "or", "not", "in"}) {
      if (IsWord(word)) return Expected("a field");
    }
    return tokens_[at_++].text;
  }

  absl::StatusOr<Value> ParseValue() {
    const FilterToken& token = Peek();
    if (token.kind == Kind::kString) return Value(tokens_[at_++].text);
    if (token.kind == Kind::kNumber) return Number();
    if (TakeWord("true")) return Value(true);
    if (TakeWord("false")) return Value(false);
    if (TakeWord("timestamp")) return TimestampValue();
    return Expected("a value: \"text\", 12, 1.5, true, false or timestamp(\"2024-05-01\")");
  }

  absl::StatusOr<Value> Number() {
    const FilterToken& token = tokens_[at_++];
    int64_t integer = 0;
    if (absl::SimpleAtoi(token.text, &integer)) return Value(integer);
    double real = 0;
    if (absl::SimpleAtod(token.text, &real) && std::isfinite(real)) return Value(real);
    return FilterError(token.column, absl::StrFormat("\"%s\" is no number", token.text));
  }

  absl::StatusOr<Value> TimestampValue() {
    if (!TakeSymbol("(")) return Expected("\"(\"");
    if (Peek().kind != Kind::kString) return Expected("a time in quotes");
    const FilterToken& token = tokens_[at_++];
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, token.text, &time, &error) &&
        !absl::ParseTime("%Y-%m-%d", token.text, absl::UTCTimeZone(), &time, &error)) {
      return FilterError(token.column,
                         "a time is written \"2024-05-01T10:00:00Z\" or \"2024-05-01\"");
    }
    if (!TakeSymbol(")")) return Expected("\")\"");
    return Value(time);
  }

  const FilterToken& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool IsWord(std::string_view word, size_t ahead = 0) const {
    return Peek(ahead).kind == Kind::kWord &&
           absl::EqualsIgnoreCase(Peek(ahead).text, base::ToAbsl(word));
  }
  bool IsSymbol(std::string_view symbol, size_t ahead = 0) const {
    return Peek(ahead).kind == Kind::kSymbol && Peek(ahead).text == symbol;
  }
  bool TakeWord(std::string_view word) {
    const bool taken = IsWord(word);
    at_ += taken ? 1 : 0;
    return taken;
  }
  bool TakeSymbol(std::string_view symbol) {
    const bool taken = IsSymbol(symbol);
    at_ += taken ? 1 : 0;
    return taken;
  }
  absl::Status Expected(std::string_view what) const {
    const FilterToken& token = Peek();
    return FilterError(token.column, absl::StrFormat("expected %s, not %s", what,
                                                     token.kind == Kind::kEnd
                                                         ? "the end"
                                                         : absl::StrFormat("\"%s\"", token.text)));
  }

  const std::vector<FilterToken> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

absl::StatusOr<Filter> ParseFilter(std::string_view expression) {
  ASSIGN_OR_RETURN(std::vector<FilterToken> tokens, TokenizeFilter(expression));
  return Parser(std::move(tokens)).Parse();
}

}  // namespace foraker::cli
