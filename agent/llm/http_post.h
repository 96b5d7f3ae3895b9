// One HTTP POST at a time on a connection that is kept for the next, with limits of time on every
// stage: connecting, the whole, and how long the server may be silent.
//
// Certificates are verified, redirects are not followed, signals are not used. A session serves one
// thread at a time; different sessions are independent. Errors, each naming neither headers nor
// body: kUnavailable for a server that cannot be reached or hangs up, kDeadlineExceeded,
// kCancelled, kDataLoss for a reply above the limit of size, and what on_body returned.

#ifndef FORAKER_AGENT_LLM_HTTP_POST_H_
#define FORAKER_AGENT_LLM_HTTP_POST_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace foraker::agent {

struct HttpPost {
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration stall_timeout = absl::Seconds(60);  // without a byte from the server
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled;  // asked every few milliseconds; may be null
  size_t max_reply_bytes = 0;
};

// What came back, as far as it did.
struct HttpReply {
  int status = 0;              // 0: no answer
  std::string content_type;    // as sent
  absl::Duration retry_after;  // zero: not given
  size_t body_bytes = 0;
};

// Gets the body piece by piece, with the head filled in; not OK ends the call.
using OnBody = std::function<absl::Status(const HttpReply& head, std::string_view piece)>;

class HttpSession {
 public:
  HttpSession();
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // `reply` holds what came before an error, too.
  absl::Status Post(const HttpPost& post, const OnBody& on_body, HttpReply& reply);

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

// Makes sessions for base::SessionPool.
struct HttpSessions {
  using Session = HttpSession;
  std::unique_ptr<HttpSession> NewSession() const { return std::make_unique<HttpSession>(); }
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_HTTP_POST_H_
