// The HTTP listener: pages for monitoring and for probes.
//
//   /metrics            Prometheus text; needs a key if Options::check_metrics says so
//   /livez, /healthz    200 while the process answers
//   /readyz             200 while calls are taken, else 503
//
// The JSON gateway (gateway.h) adds its paths through Handle. Handlers run on the listener's own
// few threads. Start binds; Stop ends.

#ifndef FORAKER_SERVICES_HTTP_HTTP_SERVER_H_
#define FORAKER_SERVICES_HTTP_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/auth/tls.h"
#include "services/config/address.h"

namespace foraker::http {

struct Request {
  std::vector<std::string> captures;  // groups of the path's pattern
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string body;
  std::string request_id;  // header X-Request-Id
  std::string token;       // of the client's key: header Authorization or Api-Key
  std::string peer;        // the client's address
};

// Where a body goes that is made while it is sent.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Waits for a slow client; false: it is gone.
  virtual bool Write(std::string_view bytes) = 0;
  virtual bool IsOpen() = 0;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  // Instead of `body`, where it is not null; destroyed without a call when the client is gone.
  std::function<void(BodyWriter&)> stream;
  std::vector<std::pair<std::string, std::string>> headers;
};

using Handler = std::function<Response(const Request&)>;

class HttpServer {
 public:
  struct Options {
    config::Address listen;
    size_t threads = 64;  // as many connections are served at once
    size_t max_body_bytes = 16 << 20;
    std::function<std::string()> metrics;  // text of /metrics
    std::function<bool()> ready;
    // Of a token; an error is the answer instead of the metrics. Null: anyone may read them.
    std::function<absl::Status(std::string_view)> check_metrics;
    // Null: plain text. With mutual TLS the routes need a certificate, the probes do not, since
    // those who probe have none. Borrowed.
    auth::TlsContext* tls = nullptr;
  };
  struct Route {
    std::string method;   // "GET", "POST", "PUT", "DELETE"
    std::string pattern;  // regular expression of the whole path
    Handler handler;
  };

  // kUnavailable when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Options options,
                                                           std::vector<Route> routes);
  virtual ~HttpServer() = default;

  virtual uint16_t port() const = 0;
  virtual void Stop() = 0;
};

}  // namespace foraker::http

#endif  // FORAKER_SERVICES_HTTP_HTTP_SERVER_H_
