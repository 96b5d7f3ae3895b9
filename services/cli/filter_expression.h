// The filter language of the command line, parsed to a retrieval::Filter.
//
//   section = "libs" and installed_size < 1000 and not exists(homepage)
//   section in ("games", "graphics") or _id = "xeyes"
//   released >= timestamp("2024-05-01") and (rating > 3.5 or recommended = true)
//
//   expression  = conjunction { "or" conjunction }
//   conjunction = condition { "and" condition }
//   condition   = "not" condition | "(" expression ")" | "exists" "(" field ")"
//               | field ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
//               | field [ "not" ] "in" "(" value { "," value } ")"
//   field       = letter or "_", then letters, digits, "_", ".", "-"; or any name in back quotes
//   value       = string | integer | real | "true" | "false" | "timestamp" "(" string ")"
//   string      = in double or single quotes; a backslash takes the next character as it is
//
// Words of the language are written in small or capital letters. "and" binds tighter than "or",
// "not" tighter than both. A timestamp is RFC 3339, or a date alone (midnight, UTC). A pure
// function. Errors: kInvalidArgument with the column (from 1, bytes) and what was expected there;
// nesting beyond 32 is refused.

#ifndef FORAKER_SERVICES_CLI_FILTER_EXPRESSION_H_
#define FORAKER_SERVICES_CLI_FILTER_EXPRESSION_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "retrieval/api/searcher.h"

namespace foraker::cli {

absl::StatusOr<retrieval::Filter> ParseFilter(std::string_view expression);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_FILTER_EXPRESSION_H_
