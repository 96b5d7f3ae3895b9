#include "services/http/http_server.h"

#include <httplib.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_format.h"
#include "base/string_view.h"
#include "services/auth/authenticator.h"
#include "services/convert/status.h"

namespace foraker::http {
namespace {

constexpr int kWaitingConnections = 512;

std::string Token(const httplib::Request& request) {
  const std::string authorization = request.get_header_value("Authorization");
  const std::string api_key = request.get_header_value("Api-Key");
  return std::string(auth::TokenOf(authorization, api_key));
}

Request FromHttplib(const httplib::Request& from) {
  Request to;
  for (size_t i = 1; i < from.matches.size(); ++i) to.captures.push_back(from.matches[i].str());
  to.parameters.assign(from.params.begin(), from.params.end());
  to.body = from.body;
  to.request_id = from.get_header_value("X-Request-Id");
  to.token = Token(from);
  to.peer = absl::StrFormat("%s:%d", from.remote_addr, from.remote_port);
  return to;
}

void Refuse(const absl::Status& status, httplib::Response& response) {
  response.status = convert::HttpStatus(status.code());
  response.set_content(std::string(base::ToStd(status.message())) + "\n", "text/plain");
}

bool HasCertificate(const httplib::Request& request) {
  X509* certificate = request.ssl == nullptr ? nullptr : SSL_get_peer_certificate(request.ssl);
  X509_free(certificate);
  return certificate != nullptr;
}

class SinkWriter final : public BodyWriter {
 public:
  explicit SinkWriter(httplib::DataSink& sink) : sink_(sink) {}
  bool Write(std::string_view bytes) override { return sink_.write(bytes.data(), bytes.size()); }
  bool IsOpen() override { return sink_.is_writable(); }

 private:
  httplib::DataSink& sink_;
};

void SetBody(Response response, httplib::Response& to) {
  if (!response.stream) return to.set_content(std::move(response.body), response.content_type);
  const auto provide = [stream = std::move(response.stream)](size_t, httplib::DataSink& sink) {
    SinkWriter writer(sink);
    stream(writer);
    sink.done();
    return true;
  };
  to.set_chunked_content_provider(response.content_type, provide);
}

httplib::Server::Handler Adapt(Handler handler, bool needs_certificate) {
  return [handler = std::move(handler), needs_certificate](const httplib::Request& from,
                                                           httplib::Response& to) {
    if (needs_certificate && !HasCertificate(from)) {
      return Refuse(absl::UnauthenticatedError("a client certificate is needed"), to);
    }
    Response response = handler(FromHttplib(from));
    to.status = response.status;
    for (const auto& [name, value] : response.headers) to.set_header(name, value);
    SetBody(std::move(response), to);
  };
}

class RealHttpServer final : public HttpServer {
 public:
  ~RealHttpServer() override { Stop(); }

  absl::Status Bind(Options options, std::vector<Route> routes) {
    if (options.tls == nullptr) {
      listener_ = std::make_unique<httplib::Server>();
    } else {
      auth::TlsContext& tls = *options.tls;
      listener_ = std::make_unique<httplib::SSLServer>([&tls](SSL_CTX& context) {
        tls.Install(context);
        return true;
      });
    }
    httplib::Server& server = *listener_;
    server.new_task_queue = [threads = options.threads] {
      return new httplib::ThreadPool(threads);  // httplib owns it
    };
    server.set_payload_max_length(options.max_body_bytes);
    server.set_read_timeout(10);
    server.set_write_timeout(10);
    server.set_keep_alive_timeout(2);  // an idle connection holds a thread
    // A reply's body leaves after its headers; without this it would wait for a client that delays
    // its acknowledgement of them, some 40 ms.
    server.set_tcp_nodelay(true);
    // Two servers on one port would share its requests at random.
    server.set_socket_options([this](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
      listening_ = socket;
    });
    AddPages(options);
    const bool mutual = options.tls != nullptr && options.tls->files().mutual();
    for (Route& route : routes) {
      if (route.method == "GET") server.Get(route.pattern, Adapt(std::move(route.handler), mutual));
      if (route.method == "POST")
        server.Post(route.pattern, Adapt(std::move(route.handler), mutual));
      if (route.method == "PUT") server.Put(route.pattern, Adapt(std::move(route.handler), mutual));
      if (route.method == "DELETE")
        server.Delete(route.pattern, Adapt(std::move(route.handler), mutual));
    }
    const config::Address& listen = options.listen;
    const int port = listen.port == 0 ? server.bind_to_any_port(listen.host.c_str())
                     : server.bind_to_port(listen.host.c_str(), listen.port) ? listen.port
                                                                             : -1;
    if (port <= 0) {
      return absl::UnavailableError(absl::StrFormat(
          "cannot listen on %s: is another server running there, and is the address of this "
          "machine?",
          config::FormatAddress(listen)));
    }
    // The library lets five connections wait to be accepted, and a burst would lose some.
    ::listen(listening_, kWaitingConnections);
    port_ = static_cast<uint16_t>(port);
    thread_ = std::thread([this] { listener_->listen_after_bind(); });
    // Stopping a server that does not yet run would do nothing.
    while (!server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return absl::OkStatus();
  }

  uint16_t port() const override { return port_; }

  void Stop() override {
    if (!thread_.joinable()) return;
    listener_->stop();
    thread_.join();
  }

 private:
  void AddPages(const Options& options) {
    listener_->Get("/metrics", [metrics = options.metrics, check = options.check_metrics](
                                   const httplib::Request& request, httplib::Response& response) {
      const absl::Status allowed = check ? check(Token(request)) : absl::OkStatus();
      if (!allowed.ok()) return Refuse(allowed, response);
      response.set_content(metrics(), "text/plain; version=0.0.4; charset=utf-8");
    });
    const auto alive = [](const httplib::Request&, httplib::Response& response) {
      response.set_content("ok\n", "text/plain");
    };
    listener_->Get("/livez", alive);
    listener_->Get("/healthz", alive);
    listener_->Get("/readyz",
                   [ready = options.ready](const httplib::Request&, httplib::Response& response) {
                     const bool yes = ready();
                     response.status = yes ? 200 : 503;
                     response.set_content(yes ? "ok\n" : "not ready\n", "text/plain");
                   });
  }

  std::unique_ptr<httplib::Server> listener_;
  socket_t listening_ = INVALID_SOCKET;  // the listener's
  std::thread thread_;
  uint16_t port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(Options options,
                                                              std::vector<Route> routes) {
  auto server = std::make_unique<RealHttpServer>();
  if (absl::Status status = server->Bind(std::move(options), std::move(routes)); !status.ok()) {
    return status;
  }
  return server;
}

}  // namespace foraker::http
