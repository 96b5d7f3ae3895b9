#include "agent/extractive/sentences.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "agent/extractive/letters.h"

namespace foraker::agent {
namespace {

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

// Closing quotes and brackets; curly quotes are three bytes each.
size_t SkipClosing(std::string_view text, size_t i) {
  while (i < text.size()) {
    if (std::string_view("\"')]").find(text[i]) != std::string_view::npos) {
      ++i;
    } else if (text.substr(i).starts_with("\u201d") || text.substr(i).starts_with("\u2019")) {
      i += 3;
    } else {
      break;
    }
  }
  return i;
}

bool MayBegin(std::string_view text) {
  const char first = text.front();
  return BeginsUpperCase(text) || absl::ascii_isdigit(static_cast<unsigned char>(first)) ||
         std::string_view("\"'([").find(first) != std::string_view::npos ||
         text.starts_with("\u201c");
}

}  // namespace

std::vector<retrieval::ByteRange> Sentences(std::string_view text) {
  std::vector<retrieval::ByteRange> sentences;
  uint32_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::string_view(".!?").find(text[i]) == std::string_view::npos) continue;
    const size_t end = SkipClosing(text, i + 1);
    size_t next = end;
    while (next < text.size() && IsSpace(text[next])) ++next;
    if (next == end || next == text.size() || !MayBegin(text.substr(next))) continue;
    sentences.push_back({begin, static_cast<uint32_t>(next)});
    begin = static_cast<uint32_t>(next);
    i = next - 1;
  }
  if (begin < text.size()) sentences.push_back({begin, static_cast<uint32_t>(text.size())});
  return sentences;
}

}  // namespace foraker::agent
