#include "services/cli/line_errors.h"

#include <cstdio>

#include "services/cli/terminal.h"

namespace foraker::cli {
namespace {

constexpr uint64_t kShown = 20;

}  // namespace

void LineErrorReport::Add(const retrieval::LineError& error) {
  if (++count_ > kShown) return;
  progress_.Clear();
  std::fprintf(stderr, "foraker: %s\n", error.ToString().c_str());
}

void LineErrorReport::Finish() const {
  if (count_ <= kShown) return;
  std::fprintf(stderr, "foraker: %s more lines were refused\n", Thousands(count_ - kShown).c_str());
}

}  // namespace foraker::cli
