#include "agent/llm/reply_sections.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";

std::string_view Strip(std::string_view text, std::string_view bytes) {
  const size_t begin = text.find_first_not_of(bytes);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(bytes) - begin + 1);
}

size_t Skip(std::string_view text, size_t at, std::string_view bytes) {
  return std::min(text.find_first_not_of(bytes, at), text.size());
}

// Bytes of `line` up to the text behind its label, if it begins with this one; else 0.
size_t LabelLength(std::string_view line, std::string_view spelling) {
  size_t at = Skip(line, 0, " \t*_#>-[");
  if (!absl::StartsWithIgnoreCase(base::ToAbsl(line.substr(at)), base::ToAbsl(spelling))) return 0;
  at = Skip(line, at + spelling.size(), " _0123456789");
  const size_t marks = at;
  at = Skip(line, at, " *_#]");
  const bool bracketed = line.substr(marks, at - marks).find("]]") != std::string_view::npos;
  if (at < line.size() && line[at] == ':') {
    ++at;
  } else if (!bracketed) {
    return 0;
  }
  return Skip(line, at, " *_");
}

}  // namespace

std::vector<ReplySection> SplitReply(std::string_view reply, std::span<const ReplyLabel> labels) {
  std::vector<ReplySection> sections = {{0, {}, reply.substr(0, 0)}};
  for (size_t begin = 0; begin < reply.size();) {
    const size_t end = std::min(reply.find('\n', begin), reply.size());
    const std::string_view line = reply.substr(begin, end - begin);
    for (const ReplyLabel& label : labels) {
      const size_t length = LabelLength(line, label.spelling);
      if (length == 0) continue;
      sections.push_back({label.id, Strip(line.substr(0, length), kSpace), line.substr(length)});
      break;
    }
    // The line goes on with the section that it begins, or is in.
    std::string_view& text = sections.back().text;
    text = {text.data(), static_cast<size_t>(reply.data() + end - text.data())};
    begin = end + 1;
  }
  for (ReplySection& section : sections) section.text = Strip(section.text, kSpace);
  if (sections.front().text.empty()) sections.erase(sections.begin());
  return sections;
}

std::string_view AfterThinking(std::string_view reply) {
  constexpr std::string_view kBegin = "<think>";
  constexpr std::string_view kEnd = "</think>";
  // Some servers keep the opening mark for themselves.
  const size_t end = reply.rfind(kEnd);
  if (end != std::string_view::npos) return reply.substr(end + kEnd.size());
  return Strip(reply, kSpace).starts_with(kBegin) ? std::string_view() : reply;
}

std::string_view StripMarks(std::string_view text) { return Strip(text, " \t\r\n\v\f\"'`*_"); }

}  // namespace foraker::agent
