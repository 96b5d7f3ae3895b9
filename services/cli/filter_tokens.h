// The words of the filter language (filter_expression.h): cuts an expression into tokens.

#ifndef FORAKER_SERVICES_CLI_FILTER_TOKENS_H_
#define FORAKER_SERVICES_CLI_FILTER_TOKENS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace foraker::cli {

struct FilterToken {
  enum class Kind {
    kWord,    // a field, or a word of the language, as written
    kField,   // a name that stood in back quotes
    kString,  // without quotes and backslashes
    kNumber,
    kSymbol,  // = != < <= > >= ( ) ,
    kEnd
  };
  Kind kind;
  std::string text;
  size_t column;  // from 1, in bytes
};

// Ends with a kEnd token. kInvalidArgument for a character that starts no token or a string without
// its end.
absl::StatusOr<std::vector<FilterToken>> TokenizeFilter(std::string_view expression);

// "filter, column 12: ..."
absl::Status FilterError(size_t column, std::string_view message);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_FILTER_TOKENS_H_
