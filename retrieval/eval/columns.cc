#include "retrieval/eval/columns.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/string_view.h"

namespace foraker::retrieval {
namespace {

void Split(std::string_view line, Columns& columns) {
  columns.clear();
  if (line.find('\t') != std::string_view::npos) {
    for (const absl::string_view part : absl::StrSplit(base::ToAbsl(line), '\t')) {
      columns.push_back(base::ToStd(absl::StripAsciiWhitespace(part)));
    }
    return;
  }
  for (const absl::string_view part :
       absl::StrSplit(base::ToAbsl(line), absl::ByAnyChar(" \v\f\r"), absl::SkipEmpty())) {
    columns.push_back(base::ToStd(part));
  }
}

}  // namespace

absl::Status ForEachLine(std::string_view text, std::string_view file_name,
                         const std::function<absl::Status(uint64_t, const Columns&)>& visit) {
  Columns columns;
  uint64_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (absl::StripAsciiWhitespace(base::ToAbsl(line)).empty()) continue;
    Split(line, columns);
    if (const absl::Status status = visit(number, columns); !status.ok()) {
      return absl::Status(status.code(),
                          absl::StrFormat("%s:%d: %s", file_name, number, status.message()));
    }
  }
  return absl::OkStatus();
}

std::optional<int> ParseInteger(std::string_view column) {
  int value = 0;
  if (!absl::SimpleAtoi(base::ToAbsl(column), &value)) return std::nullopt;
  return value;
}

std::optional<float> ParseFinite(std::string_view column) {
  float value = 0;
  if (!absl::SimpleAtof(base::ToAbsl(column), &value) || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace foraker::retrieval
