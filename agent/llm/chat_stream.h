// A chat reply that comes as server-sent events, put together piece by piece.
//
//   data: {"choices": [{"delta": {"content": "The"}}]}      ─► on_text("The")
//   data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}
//   data: {"choices": [], "usage": {...}}                   (where asked for)
//   data: [DONE]
//
// One thread. Errors: kDataLoss for what is no such stream, or ends before its end.

#ifndef FORAKER_AGENT_LLM_CHAT_STREAM_H_
#define FORAKER_AGENT_LLM_CHAT_STREAM_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/llm/chat.h"
#include "agent/llm/sse_reader.h"

namespace foraker::agent {

class ChatStream {
 public:
  // `on_text` may be null.
  explicit ChatStream(OnText on_text);
  ChatStream(const ChatStream&) = delete;
  ChatStream& operator=(const ChatStream&) = delete;

  absl::Status Feed(std::string_view bytes) { return events_.Feed(bytes); }
  // The reply was complete: the server said that it is done, or why it finished.
  bool complete() const { return done_ || !reply_.finish_reason.empty(); }
  bool has_text() const { return !reply_.text.empty(); }
  absl::StatusOr<ChatReply> Finish();

 private:
  absl::Status TakeEvent(std::string_view data);

  OnText on_text_;
  ChatReply reply_;
  bool done_ = false;
  SseReader events_;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_CHAT_STREAM_H_
