// An HTTP server on loopback that answers each connection as the test says, however badly: a step
// of a script a request, in order; the last one is repeated.
//
// A step is bytes with waits between them, so that anything can be played: half a reply, silence,
// a connection that is cut. One thread accepts and serves one connection after another.
// Thread-safe.

#ifndef FORAKER_TESTS_AGENT_SCRIPTED_HTTP_SERVER_H_
#define FORAKER_TESTS_AGENT_SCRIPTED_HTTP_SERVER_H_

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace foraker::agent {

struct ScriptedReply {
  std::vector<std::string> pieces;             // as they are, head included
  absl::Duration wait = absl::ZeroDuration();  // before each piece
  bool hang = false;                           // then say nothing until the client goes
};

// A head with Content-Length, and the body.
ScriptedReply HttpReplyOf(int status, std::string_view body, std::string_view headers = "",
                          std::string_view content_type = "application/json");
// Events in chunks of their own, ended as HTTP demands.
ScriptedReply EventsReply(const std::vector<std::string>& data);
// OpenAI's chunk with this text.
std::string TextChunk(std::string_view text);
extern const char kStopChunk[];   // finish_reason stop
extern const char kUsageChunk[];  // 21 tokens in, 4 out
// A whole reply with this text: 21 tokens in, 4 out.
std::string WholeReply(std::string_view text);

class ScriptedHttpServer {
 public:
  explicit ScriptedHttpServer(std::vector<ScriptedReply> script);
  ~ScriptedHttpServer();
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  std::string url() const;  // "http://127.0.0.1:PORT/v1"
  // As they came, head and body.
  std::vector<std::string> requests() const;
  int connections() const { return connections_; }

 private:
  void Run();
  void Serve(int connection);
  bool ReadRequest(int connection);
  void Play(int connection, const ScriptedReply& reply);

  const std::vector<ScriptedReply> script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  mutable base::Mutex mutex_;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace foraker::agent

#endif  // FORAKER_TESTS_AGENT_SCRIPTED_HTTP_SERVER_H_
