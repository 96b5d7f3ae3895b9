#include "agent/llm/thought_stream.h"

#include <algorithm>

#include "agent/llm/react_parser.h"

namespace foraker::agent {
namespace {

constexpr std::string_view kLabel = "Thought:";
// What ends a thought.
constexpr std::string_view kEnds[] = {"Tool Name:", "Tool Args:", "\nTool", "\nAction",     "\n{",
                                      "\n```",      "\n**",       "\n[[",   "\nObservation"};

// Where the thought ends, or may be about to end.
size_t CertainLength(std::string_view thought, bool& ended) {
  size_t end = std::string_view::npos;
  for (const std::string_view mark : kEnds) end = std::min(end, thought.find(mark));
  ended = end != std::string_view::npos;
  if (ended) return end;
  size_t length = thought.size();
  for (const std::string_view mark : kEnds) {
    for (size_t part = std::min(mark.size() - 1, thought.size()); part > 0; --part) {
      if (!thought.ends_with(mark.substr(0, part))) continue;
      length = std::min(length, thought.size() - part);
      break;
    }
  }
  return length;
}

}  // namespace

void ThoughtStream::Feed(std::string_view piece) {
  if (ended_ || text_.size() > kMaxThoughtBytes) return;
  text_ += piece;
  std::string_view thought = text_;
  const auto skip_space = [&thought] {
    thought.remove_prefix(std::min(thought.find_first_not_of(" \t\r\n"), thought.size()));
  };
  skip_space();
  if (kLabel.starts_with(thought)) return;  // it may become the label
  if (thought.starts_with(kLabel)) thought.remove_prefix(kLabel.size());
  skip_space();
  // A reasoning model's own thinking, or an object without labels.
  if (thought.starts_with('<') || thought.starts_with('{') || thought.starts_with('`')) return;
  const size_t length = CertainLength(thought, ended_);
  if (length <= spoken_) return;
  on_thought_(thought.substr(spoken_, length - spoken_));
  spoken_ = length;
}

}  // namespace foraker::agent
