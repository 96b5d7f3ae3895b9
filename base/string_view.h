// Debian builds Abseil with a string_view of its own that does not convert to the standard one.
// Our interfaces speak std::string_view; these two cross over (and cost nothing). StrFormat takes
// either kind; StrCat and look-ups in absl containers take Abseil's only.

#ifndef FORAKER_BASE_STRING_VIEW_H_
#define FORAKER_BASE_STRING_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace foraker::base {

inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view ToStd(absl::string_view s) { return {s.data(), s.size()}; }

}  // namespace foraker::base

#endif  // FORAKER_BASE_STRING_VIEW_H_
