// Where two JSON values first differ, in words for people. Pure.

#ifndef FORAKER_AGENT_TRACE_DIFFERENCE_H_
#define FORAKER_AGENT_TRACE_DIFFERENCE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "agent/trace/json_values.h"

namespace foraker::agent::trace {

// A scalar as it is, a long text shortened to what stands around byte `at`, a list as "3 items".
std::string Show(const Json& json, size_t at = 0);

struct Difference {
  std::string path;         // "terms[1].weight"; empty: the values themselves
  std::string left, right;  // what stands there (Show), or "nothing"
};

// In the order of `right`'s members, then those that `left` alone has. Numbers are the same when
// they are written the same. None: the values are the same but for their members' order.
std::optional<Difference> FirstDifference(const Json& left, const Json& right);

}  // namespace foraker::agent::trace

#endif  // FORAKER_AGENT_TRACE_DIFFERENCE_H_
