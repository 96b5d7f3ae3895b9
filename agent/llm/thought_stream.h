// Lets the thought of a ReAct reply through as it comes, without its label and without the tool
// call behind it.
//
// One reply, one thread.

#ifndef FORAKER_AGENT_LLM_THOUGHT_STREAM_H_
#define FORAKER_AGENT_LLM_THOUGHT_STREAM_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "agent/llm/chat.h"

namespace foraker::agent {

class ThoughtStream {
 public:
  explicit ThoughtStream(OnText on_thought) : on_thought_(std::move(on_thought)) {}

  void Feed(std::string_view piece);

 private:
  OnText on_thought_;
  std::string text_;   // the reply so far, at most its thought
  size_t spoken_ = 0;  // bytes of the thought that were let through
  bool ended_ = false;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_THOUGHT_STREAM_H_
