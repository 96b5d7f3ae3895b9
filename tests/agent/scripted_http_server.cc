#include "tests/agent/scripted_http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

constexpr int kAskMilliseconds = 10;  // how often a blocked call looks whether the test is over

bool Readable(int socket) {
  pollfd entry = {socket, POLLIN, 0};
  return poll(&entry, 1, kAskMilliseconds) > 0;
}

size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const size_t at = head.find(kName);
  if (at == std::string_view::npos) return 0;
  const std::string_view value = head.substr(at + kName.size());
  size_t length = 0;
  return absl::SimpleAtoi(base::ToAbsl(value.substr(0, value.find('\r'))), &length) ? length : 0;
}

}  // namespace

const char kStopChunk[] = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
const char kUsageChunk[] = R"({"choices":[],"usage":{"prompt_tokens":21,"completion_tokens":4}})";

ScriptedReply HttpReplyOf(int status, std::string_view body, std::string_view headers,
                          std::string_view content_type) {
  ScriptedReply reply;
  reply.pieces.push_back(absl::StrCat("HTTP/1.1 ", status,
                                      " Status\r\nContent-Type: ", base::ToAbsl(content_type),
                                      "\r\nContent-Length: ", body.size(), "\r\n",
                                      base::ToAbsl(headers), "\r\n", base::ToAbsl(body)));
  return reply;
}

ScriptedReply EventsReply(const std::vector<std::string>& data) {
  ScriptedReply reply;
  reply.pieces.push_back(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  for (const std::string& event : data) {
    const std::string bytes = absl::StrCat("data: ", event, "\n\n");
    reply.pieces.push_back(absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n"));
  }
  reply.pieces.push_back("0\r\n\r\n");
  return reply;
}

std::string TextChunk(std::string_view text) {
  const nlohmann::json json = {
      {"choices", {{{"index", 0}, {"delta", {{"content", std::string(text)}}}}}}};
  return json.dump();
}

std::string WholeReply(std::string_view text) {
  const nlohmann::json json = {
      {"choices",
       {{{"index", 0},
         {"message", {{"role", "assistant"}, {"content", std::string(text)}}},
         {"finish_reason", "stop"}}}},
      {"usage", {{"prompt_tokens", 21}, {"completion_tokens", 4}}}};
  return json.dump();
}

ScriptedHttpServer::ScriptedHttpServer(std::vector<ScriptedReply> script)
    : script_(std::move(script)) {
  // No proxy of the machine's may stand between.
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener_, plain, size), 0);
  EXPECT_EQ(listen(listener_, 16), 0);
  EXPECT_EQ(getsockname(listener_, plain, &size), 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

ScriptedHttpServer::~ScriptedHttpServer() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

std::string ScriptedHttpServer::url() const {
  return absl::StrCat("http://127.0.0.1:", port_, "/v1");
}

std::vector<std::string> ScriptedHttpServer::requests() const {
  base::MutexLock lock(&mutex_);
  return requests_;
}

void ScriptedHttpServer::Run() {
  while (!stopping_) {
    if (!Readable(listener_)) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    ++connections_;
    Serve(connection);
    close(connection);
  }
}

// Requests on a kept connection, as long as replies leave it whole; another client waits.
void ScriptedHttpServer::Serve(int connection) {
  while (ReadRequest(connection)) {
    size_t index = 0;
    {
      base::MutexLock lock(&mutex_);
      index = std::min(requests_.size(), script_.size()) - 1;
    }
    Play(connection, script_[index]);
    const std::string& last = script_[index].pieces.empty() ? "" : script_[index].pieces.back();
    const bool whole = last.ends_with("0\r\n\r\n") || last.find("Content-Length") != last.npos;
    if (script_[index].hang || !whole) return;
  }
}

bool ScriptedHttpServer::ReadRequest(int connection) {
  std::string bytes;
  for (;;) {
    const size_t head = bytes.find("\r\n\r\n");
    if (head != std::string::npos && bytes.size() >= head + 4 + ContentLength(bytes)) break;
    if (stopping_) return false;
    if (!Readable(connection)) {
      // A kept connection that is idle makes room for the next client.
      if (bytes.empty() && Readable(listener_)) return false;
      continue;
    }
    char buffer[16384];
    const ssize_t size = recv(connection, buffer, sizeof(buffer), 0);
    if (size <= 0) return false;
    bytes.append(buffer, static_cast<size_t>(size));
  }
  base::MutexLock lock(&mutex_);
  requests_.push_back(std::move(bytes));
  return true;
}

void ScriptedHttpServer::Play(int connection, const ScriptedReply& reply) {
  for (const std::string& piece : reply.pieces) {
    absl::SleepFor(reply.wait);
    for (size_t sent = 0; sent < piece.size();) {
      const ssize_t size = send(connection, piece.data() + sent, piece.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return;
      sent += static_cast<size_t>(size);
    }
  }
  while (reply.hang && !stopping_) {
    char byte = 0;
    if (Readable(connection) && recv(connection, &byte, 1, 0) <= 0) return;
  }
}

}  // namespace foraker::agent
