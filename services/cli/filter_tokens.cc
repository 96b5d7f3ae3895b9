#include "services/cli/filter_tokens.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::cli {
namespace {

using Kind = FilterToken::Kind;

bool StartsWord(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool ContinuesWord(char c) { return StartsWord(c) || IsDigit(c) || c == '.' || c == '-'; }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<FilterToken>> Run() {
    std::vector<FilterToken> tokens;
    while (true) {
      while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_])))
        ++at_;
      ASSIGN_OR_RETURN(FilterToken token, Next());
      tokens.push_back(std::move(token));
      if (tokens.back().kind == Kind::kEnd) return tokens;
    }
  }

 private:
  absl::StatusOr<FilterToken> Next() {
    if (at_ == text_.size()) return FilterToken{Kind::kEnd, "", at_ + 1};
    const char c = text_[at_];
    if (c == '"' || c == '\'') return Quoted(Kind::kString, c);
    if (c == '`') return Quoted(Kind::kField, c);
    if (StartsWord(c)) return While(Kind::kWord, ContinuesWord);
    if (IsDigit(c) || c == '-' || c == '+' || c == '.') return While(Kind::kNumber, InNumber);
    return Symbol();
  }

  // Digits, signs, points and exponents; whether they make a number is seen when it is read.
  static bool InNumber(char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '+';
  }

  FilterToken While(Kind kind, bool (*continues)(char)) {
    const size_t begin = at_++;
    while (at_ < text_.size() && continues(text_[at_])) ++at_;
    return {kind, std::string(text_.substr(begin, at_ - begin)), begin + 1};
  }

  absl::StatusOr<FilterToken> Quoted(Kind kind, char quote) {
    FilterToken token{kind, "", at_ + 1};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return token;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      token.text += text_[at_];
    }
    return FilterError(token.column, absl::StrFormat("this %c has no closing %c", quote, quote));
  }

  absl::StatusOr<FilterToken> Symbol() {
    for (const std::string_view symbol : {"!=", "<=", ">=", "=", "<", ">", "(", ")", ","}) {
      if (text_.substr(at_).starts_with(symbol)) {
        at_ += symbol.size();
        return FilterToken{Kind::kSymbol, std::string(symbol), at_ - symbol.size() + 1};
      }
    }
    return FilterError(at_ + 1, absl::StrFormat("unexpected character '%s'",
                                                absl::CHexEscape(std::string(1, text_[at_]))));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<FilterToken>> TokenizeFilter(std::string_view expression) {
  return Tokenizer(expression).Run();
}

absl::Status FilterError(size_t column, std::string_view message) {
  return absl::InvalidArgumentError(absl::StrFormat("filter, column %d: %s", column, message));
}

}  // namespace foraker::cli
