#include "services/http/http_server.h"

#include <httplib.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_format.h"

namespace foraker::http {
namespace {

Request FromHttplib(const httplib::Request& from) {
  Request to;
  for (size_t i = 1; i < from.matches.size(); ++i) to.captures.push_back(from.matches[i].str());
  to.parameters.assign(from.params.begin(), from.params.end());
  to.body = from.body;
  to.request_id = from.get_header_value("X-Request-Id");
  return to;
}

httplib::Server::Handler Adapt(Handler handler) {
  return [handler = std::move(handler)](const httplib::Request& from, httplib::Response& to) {
    Response response = handler(FromHttplib(from));
    to.status = response.status;
    for (const auto& [name, value] : response.headers) to.set_header(name, value);
    to.set_content(std::move(response.body), response.content_type);
  };
}

class RealHttpServer final : public HttpServer {
 public:
  ~RealHttpServer() override { Stop(); }

  absl::Status Bind(Options options, std::vector<Route> routes) {
    server_.new_task_queue = [threads = options.threads] {
      return new httplib::ThreadPool(threads);  // httplib owns it
    };
    server_.set_payload_max_length(options.max_body_bytes);
    server_.set_read_timeout(10);
    server_.set_write_timeout(10);
    server_.set_keep_alive_timeout(2);  // an idle connection holds a thread
    // Two servers on one port would share its requests at random.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    AddPages(std::move(options.metrics), std::move(options.ready));
    for (Route& route : routes) {
      if (route.method == "GET") server_.Get(route.pattern, Adapt(std::move(route.handler)));
      if (route.method == "POST") server_.Post(route.pattern, Adapt(std::move(route.handler)));
      if (route.method == "PUT") server_.Put(route.pattern, Adapt(std::move(route.handler)));
      if (route.method == "DELETE") server_.Delete(route.pattern, Adapt(std::move(route.handler)));
    }
    const config::Address& listen = options.listen;
    const int port = listen.port == 0 ? server_.bind_to_any_port(listen.host.c_str())
                     : server_.bind_to_port(listen.host.c_str(), listen.port) ? listen.port
                                                                              : -1;
    if (port <= 0) {
      return absl::UnavailableError(absl::StrFormat(
          "cannot listen on %s: is another server running there, and is the address of this "
          "machine?",
          config::FormatAddress(listen)));
    }
    port_ = static_cast<uint16_t>(port);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // Stopping a server that does not yet run would do nothing.
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return absl::OkStatus();
  }

  uint16_t port() const override { return port_; }

  void Stop() override {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }

 private:
  void AddPages(std::function<std::string()> metrics, std::function<bool()> ready) {
    server_.Get("/metrics", [metrics = std::move(metrics)](const httplib::Request&,
                                                           httplib::Response& response) {
      response.set_content(metrics(), "text/plain; version=0.0.4; charset=utf-8");
    });
    const auto alive = [](const httplib::Request&, httplib::Response& response) {
      response.set_content("ok\n", "text/plain");
    };
    server_.Get("/livez", alive);
    server_.Get("/healthz", alive);
    server_.Get("/readyz",
                [ready = std::move(ready)](const httplib::Request&, httplib::Response& response) {
                  const bool yes = ready();
                  response.status = yes ? 200 : 503;
                  response.set_content(yes ? "ok\n" : "not ready\n", "text/plain");
                });
  }

  httplib::Server server_;
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
