// Chat completions over HTTP: any server that answers OpenAI's POST {url}/chat/completions, such as
// vLLM's or llama.cpp's.
//
// Replies are streamed where the server can; one that refuses `stream_options`, or streaming, is
// asked again without, and remembered. Every stage has its limit: connecting, the whole (the
// request's deadline), silence, retries, the reply's size. Calls that fail before their first text
// with a lost connection, 429 or 5xx are repeated at growing intervals, or when the server's
// Retry-After says, as far as the deadline allows.
//
// Thread-safe; connections are kept. Certificates are verified, redirects are not followed. The key
// is sent as a bearer token and appears nowhere else. Errors: as chat.h says.

#ifndef FORAKER_AGENT_LLM_CHAT_CLIENT_H_
#define FORAKER_AGENT_LLM_CHAT_CLIENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/llm/chat.h"
#include "agent/llm/chat_json.h"
#include "agent/llm/http_post.h"
#include "base/session_pool.h"

namespace foraker::agent {

struct ChatClientOptions {
  std::string url = {};      // "http://127.0.0.1:8000/v1"
  std::string model = {};    // as the server names it
  std::string api_key = {};  // empty: none is sent
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration stall_timeout = absl::Seconds(60);  // without a byte from the server
  uint32_t retries = 2;
  absl::Duration first_wait = absl::Milliseconds(250);  // doubles with each retry
  absl::Duration longest_wait = absl::Seconds(30);      // that a server may ask for
  size_t max_reply_bytes = size_t{8} << 20;             // of HTTP; a streamed token takes 300
};

class ChatClient : public ChatModel {
 public:
  // Opens no connection. Errors: kInvalidArgument naming the option.
  static absl::StatusOr<std::unique_ptr<ChatClient>> Make(ChatClientOptions options);

  absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) override;

 private:
  struct Attempt;
  explicit ChatClient(ChatClientOptions options);

  Attempt Try(const ChatRequest& request, StreamMode mode, const OnText& on_text);
  absl::Status Refusal(const HttpReply& reply, std::string_view body) const;
  absl::Status WithEndpoint(const absl::Status& status) const;

  const ChatClientOptions options_;
  const std::string endpoint_;
  std::atomic<StreamMode> mode_ = StreamMode::kWithUsage;  // that the server has not refused
  base::SessionPool<HttpSessions> sessions_;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_CHAT_CLIENT_H_
