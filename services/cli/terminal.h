// Text for people: styles, widths, wrapping and columns on a terminal.
//
// Colour only where the stream is a terminal and NO_COLOR is not set. What comes from documents is
// cleaned first, so that no text can send control sequences to the reader's terminal.

#ifndef FORAKER_SERVICES_CLI_TERMINAL_H_
#define FORAKER_SERVICES_CLI_TERMINAL_H_

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::cli {

bool IsTerminal(std::FILE* stream);

// Columns of the terminal behind `stream`; 100 where there is none.
size_t TerminalWidth(std::FILE* stream);

class Style {
 public:
  // Styles text for `stream`, or leaves it as it is when that is no terminal.
  static Style For(std::FILE* stream);
  explicit Style(bool enabled) : enabled_(enabled) {}

  std::string Bold(std::string_view text) const { return Wrap("\033[1m", text); }
  std::string Dim(std::string_view text) const { return Wrap("\033[2m", text); }
  std::string Match(std::string_view text) const { return Wrap("\033[1;33m", text); }

 private:
  std::string Wrap(const char* code, std::string_view text) const;
  bool enabled_;
};

// `text` without control characters: each run of blanks and controls becomes one blank, invalid
// UTF-8 becomes U+FFFD.
std::string Clean(std::string_view text);

// Columns that UTF-8 text takes on a terminal: wide characters two, combining marks and the
// sequences of Style none.
size_t DisplayWidth(std::string_view text);

// At most `width` columns of `text`, an ellipsis at its end when something was cut.
std::string Ellipsis(std::string_view text, size_t width);

// Lines of at most `width` columns, broken at blanks (a longer word stands alone).
std::vector<std::string> WrapLines(std::string_view text, size_t width);

// Rows of columns, as wide as their widest cell, two blanks between.
class Table {
 public:
  enum class Align { kLeft, kRight };
  explicit Table(std::vector<Align> alignment) : alignment_(std::move(alignment)) {}

  // As many cells as columns.
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string ToString() const;

 private:
  std::vector<Align> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

// "1,001,481", "49.9 MB" (powers of 1,000), "3 m 20 s".
std::string Thousands(uint64_t number);
std::string Bytes(uint64_t bytes);
std::string Duration(double seconds);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_TERMINAL_H_
