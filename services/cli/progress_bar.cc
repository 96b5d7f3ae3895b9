#include "services/cli/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/string_view.h"
#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

constexpr auto kQuiet = std::chrono::seconds(1);  // shorter work shows nothing
constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr int kCells = 20;

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

ProgressBar::ProgressBar() : enabled_(IsTerminal(stderr)), start_(Clock::now()) {}

void ProgressBar::Update(std::string_view stage, double share, uint64_t count,
                         std::string_view unit, double rate, std::string_view rate_unit) {
  const Clock::time_point now = Clock::now();
  if (!enabled_ || now - start_ < kQuiet || (visible_ && now - drawn_ < kInterval)) return;
  drawn_ = now;
  std::string line = absl::StrFormat("%-10s", stage);
  if (share >= 0) {
    share = std::min(share, 1.0);
    const int full = static_cast<int>(share * kCells);
    std::string cells(static_cast<size_t>(full), '#');
    for (int i = full; i < kCells; ++i) cells += "·";
    absl::StrAppendFormat(&line, "[%s] %3.0f %%", cells, share * 100);
  }
  absl::StrAppend(&line, "  ", Thousands(count), " ", base::ToAbsl(unit));
  if (rate > 0) {
    absl::StrAppend(&line, "  ", Thousands(static_cast<uint64_t>(rate)),
                    rate_unit.empty() ? "" : " ", base::ToAbsl(rate_unit), "/s");
  }
  if (share > 0) {
    absl::StrAppend(&line, "  ", Duration(Seconds(now - start_) * (1 - share) / share), " left");
  }
  std::fprintf(stderr, "\r\033[K%s", Ellipsis(line, TerminalWidth(stderr) - 1).c_str());
  std::fflush(stderr);
  visible_ = true;
}

void ProgressBar::Clear() {
  if (!visible_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  visible_ = false;
}

}  // namespace foraker::cli
