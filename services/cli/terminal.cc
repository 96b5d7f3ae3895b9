#include "services/cli/terminal.h"

#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_format.h"

namespace foraker::cli {
namespace {

// Calls visit(code point, begin, end) for each character; an invalid byte is U+FFFD.
template <typename Visit>
void ForEachCharacter(std::string_view text, const Visit& visit) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t i = 0; i < size;) {
    const int64_t begin = i;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, i, size, c);
    visit(c, static_cast<size_t>(begin), static_cast<size_t>(i));
  }
}

size_t ColumnsOf(UChar32 c) {
  if ((U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK | U_GC_CC_MASK)) != 0)
    return 0;
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

}  // namespace

bool IsTerminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

size_t TerminalWidth(std::FILE* stream) {
  winsize size = {};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return size.ws_col;
}

Style Style::For(std::FILE* stream) {
  return Style(IsTerminal(stream) && std::getenv("NO_COLOR") == nullptr);
}

std::string Style::Wrap(const char* code, std::string_view text) const {
  if (!enabled_ || text.empty()) return std::string(text);
  return absl::StrFormat("%s%s\033[0m", code, text);
}

std::string Clean(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  bool blank = false;
  ForEachCharacter(text, [&](UChar32 c, size_t begin, size_t end) {
    if (u_isUWhiteSpace(c) || u_iscntrl(c)) {
      blank = true;
      return;
    }
    if (blank && !clean.empty()) clean += ' ';
    blank = false;
    if (c == 0xfffd) {
      clean += "\xef\xbf\xbd";
    } else {
      clean += text.substr(begin, end - begin);
    }
  });
  return clean;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  bool in_sequence = false;  // ESC [ ... m
  ForEachCharacter(text, [&](UChar32 c, size_t, size_t) {
    if (c == 0x1b) in_sequence = true;
    if (!in_sequence) width += ColumnsOf(c);
    if (c == 'm') in_sequence = false;
  });
  return width;
}

std::string Ellipsis(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  size_t columns = 0;
  size_t fits = 0;
  bool full = false;
  ForEachCharacter(text, [&](UChar32 c, size_t, size_t end) {
    columns += ColumnsOf(c);
    full = full || columns + 1 > width;
    if (!full) fits = end;
  });
  return std::string(text.substr(0, fits)) + "…";
}

std::vector<std::string> WrapLines(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  std::string line;
  size_t line_width = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const size_t word_width = DisplayWidth(word);
    if (!line.empty() && line_width + 1 + word_width > width) {
      lines.push_back(std::move(line));
      line.clear();
      line_width = 0;
    }
    if (!line.empty()) {
      line += ' ';
      ++line_width;
    }
    line += word;
    line_width += word_width;
    begin = end + 1;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string Table::ToString() const {
  std::vector<size_t> widths(alignment_.size(), 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - DisplayWidth(row[i]), ' ');
      if (i > 0) line += "  ";
      line += alignment_[i] == Align::kRight ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string Thousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string Bytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return absl::StrFormat(unit == 0 ? "%.0f %s" : "%.3g %s", value, kUnits[unit]);
}

std::string Duration(double seconds) {
  if (seconds < 1) return absl::StrFormat("%.0f ms", seconds * 1000);
  if (seconds < 60) return absl::StrFormat("%.1f s", seconds);
  const auto whole = static_cast<uint64_t>(seconds);
  if (whole < 3600) return absl::StrFormat("%d m %02d s", whole / 60, whole % 60);
  return absl::StrFormat("%d h %02d m", whole / 3600, whole / 60 % 60);
}

}  // namespace foraker::cli
