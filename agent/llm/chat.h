// A language model behind a chat endpoint, as the agent sees it.
//
// Plain structs. Implementation: ChatClient (agent/llm/chat_client.h), any OpenAI-compatible
// endpoint. Thread-safe. Errors: kDeadlineExceeded (also for a server that hangs), kUnavailable for
// one that cannot be reached or answers 5xx or 429 (after the client's retries),
// kPermissionDenied for a refused key, kInvalidArgument for a refused request, kDataLoss for a
// reply that is no such reply or breaks off after its first text, kCancelled; messages name the
// endpoint, never a key.

#ifndef FORAKER_AGENT_LLM_CHAT_H_
#define FORAKER_AGENT_LLM_CHAT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace foraker::agent {

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

struct ChatRequest {
  std::vector<ChatMessage> messages;
  std::vector<std::string> stop;  // sequences that end the reply
  uint32_t max_tokens = 512;      // of the reply
  double temperature = 0;
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled;  // asked while waiting; may be null
};

struct ChatReply {
  std::string text;
  std::string finish_reason;  // "stop", "length", ... as the server has it
  uint64_t tokens_in = 0, tokens_out = 0;
  bool counted_by_server = false;  // else estimated
};

using OnText = std::function<void(std::string_view piece)>;

class ChatModel {
 public:
  virtual ~ChatModel() = default;
  virtual absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) = 0;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_CHAT_H_
