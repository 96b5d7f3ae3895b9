// The client against a server that does what servers do: each misbehaviour has its error, in time.

#include "agent/llm/chat_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/agent/scripted_http_server.h"

namespace foraker::agent {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] = "sk-secret-0123456789";
// Nothing here may take longer, on however busy a machine; what the limits under test allow is a
// tenth of it.
constexpr absl::Duration kBounded = absl::Seconds(20);

std::unique_ptr<ChatClient> MakeClient(const ScriptedHttpServer& server,
                                       ChatClientOptions options = {}) {
  options.url = server.url();
  options.model = "tiny";
  options.api_key = kKey;
  options.first_wait = absl::Milliseconds(1);
  return *ChatClient::Make(options);
}

ChatRequest Hello() {
  ChatRequest request;
  request.messages = {{"system", "Be brief."}, {"user", "Say hello to the \"world\"."}};
  request.stop = {"\nObservation:"};
  request.max_tokens = 7;
  return request;
}

ScriptedReply Hi() {
  return EventsReply(
      {TextChunk(""), TextChunk("Hello, "), TextChunk("wörld"), kStopChunk, kUsageChunk, "[DONE]"});
}

nlohmann::json BodyOf(const std::string& request) {
  return nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4));
}

// What must hold of every failure.
void ExpectError(const absl::StatusOr<ChatReply>& reply, absl::StatusCode code,
                 const std::string& words, const std::string& url) {
  ASSERT_FALSE(reply.ok()) << reply->text;
  EXPECT_EQ(reply.status().code(), code) << reply.status();
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr(words));
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr(url));
  EXPECT_THAT(reply.status().ToString(), Not(HasSubstr(kKey)));
}

TEST(ChatClientTest, StreamsTextAsItComesAndCountsTokens) {
  const ScriptedHttpServer server({Hi()});
  std::vector<std::string> pieces;
  const absl::StatusOr<ChatReply> reply = MakeClient(server)->Chat(
      Hello(), [&](std::string_view piece) { pieces.emplace_back(piece); });
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text, "Hello, wörld");
  EXPECT_THAT(pieces, testing::ElementsAre("Hello, ", "wörld"));
  EXPECT_EQ(reply->finish_reason, "stop");
  EXPECT_EQ(reply->tokens_in, 21u);
  EXPECT_EQ(reply->tokens_out, 4u);
  EXPECT_TRUE(reply->counted_by_server);
}

TEST(ChatClientTest, SendsWhatTheEndpointExpects) {
  const ScriptedHttpServer server({Hi()});
  ASSERT_TRUE(MakeClient(server)->Chat(Hello(), nullptr).ok());
  const std::string request = server.requests().at(0);
  EXPECT_THAT(request, testing::StartsWith("POST /v1/chat/completions HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr(std::string("Authorization: Bearer ") + kKey + "\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
  const nlohmann::json body = BodyOf(request);
  EXPECT_EQ(body["model"], "tiny");
  EXPECT_EQ(body["messages"][1]["role"], "user");
  EXPECT_EQ(body["messages"][1]["content"], "Say hello to the \"world\".");
  EXPECT_EQ(body["stop"], nlohmann::json({"\nObservation:"}));
  EXPECT_EQ(body["max_tokens"], 7);
  EXPECT_EQ(body["temperature"], 0);
  EXPECT_EQ(body["stream"], true);
  EXPECT_EQ(body["stream_options"]["include_usage"], true);
}

TEST(ChatClientTest, KeepsItsConnection) {
  const ScriptedHttpServer server({Hi()});
  const auto client = MakeClient(server);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->Chat(Hello(), nullptr).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST(ChatClientTest, ReadsEventsThatArriveByteByByte) {
  ScriptedReply bytes;
  std::string all;
  for (const std::string& piece : Hi().pieces) all += piece;
  for (const char byte : all) bytes.pieces.emplace_back(1, byte);
  const ScriptedHttpServer server({bytes});
  const absl::StatusOr<ChatReply> reply = MakeClient(server)->Chat(Hello(), nullptr);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text, "Hello, wörld");
}

TEST(ChatClientTest, TakesAWholeReplyWhereTheServerDoesNotStream) {
  const ScriptedHttpServer server({HttpReplyOf(200, WholeReply("Hello"))});
  std::string seen;
  const absl::StatusOr<ChatReply> reply =
      MakeClient(server)->Chat(Hello(), [&](std::string_view piece) { seen += piece; });
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text, "Hello");
  EXPECT_EQ(seen, "Hello");
  EXPECT_EQ(reply->tokens_in, 21u);
}

TEST(ChatClientTest, AsksWithoutWhatTheServerRefusesAndRemembersIt) {
  const ScriptedHttpServer server(
      {HttpReplyOf(422, R"({"detail":[{"loc":["body","stream_options"],"msg":"extra"}]})"),
       HttpReplyOf(400, R"({"error":{"message":"streaming is not supported"}})"),
       HttpReplyOf(200, WholeReply("Hello"))});
  const auto client = MakeClient(server);
  ASSERT_TRUE(client->Chat(Hello(), nullptr).ok());
  ASSERT_TRUE(client->Chat(Hello(), nullptr).ok());
  const std::vector<std::string> requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_FALSE(BodyOf(requests[1]).contains("stream_options"));
  EXPECT_EQ(BodyOf(requests[1])["stream"], true);
  EXPECT_EQ(BodyOf(requests[2])["stream"], false);
  EXPECT_EQ(BodyOf(requests[3])["stream"], false);
}

TEST(ChatClientTest, EstimatesTokensThatTheServerDoesNotCount) {
  const ScriptedHttpServer server({EventsReply({TextChunk("one two"), kStopChunk, "[DONE]"})});
  const absl::StatusOr<ChatReply> reply = MakeClient(server)->Chat(Hello(), nullptr);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_FALSE(reply->counted_by_server);
  EXPECT_EQ(reply->tokens_in, 10u);  // of 34 bytes
  EXPECT_EQ(reply->tokens_out, 2u);
}

TEST(ChatClientTest, WaitsForASlowServer) {
  ScriptedReply slow = Hi();
  slow.wait = absl::Milliseconds(30);
  const ScriptedHttpServer server({slow});
  EXPECT_TRUE(
      MakeClient(server, {.stall_timeout = absl::Seconds(10)})->Chat(Hello(), nullptr).ok());
}

TEST(ChatClientTest, EndsAtTheDeadlineOfASlowStream) {
  ScriptedReply slow = EventsReply(std::vector<std::string>(1000, TextChunk("on and ")));
  slow.wait = absl::Milliseconds(10);
  const ScriptedHttpServer server({slow});
  ChatRequest request = Hello();
  const absl::Time begin = absl::Now();
  request.deadline = begin + absl::Milliseconds(200);
  ExpectError(MakeClient(server)->Chat(request, nullptr), absl::StatusCode::kDeadlineExceeded,
              "no reply before the deadline", server.url());
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(200));
  EXPECT_LT(absl::Now() - begin, kBounded);
}

TEST(ChatClientTest, GivesUpOnASilentServer) {
  for (const std::vector<std::string>& said :
       {std::vector<std::string>{}, std::vector<std::string>{"HTTP/1.1 200 OK\r\n"},
        std::vector<std::string>{Hi().pieces[0], Hi().pieces[2]}}) {
    const ScriptedHttpServer server({{.pieces = said, .hang = true}});
    const absl::Time begin = absl::Now();
    ExpectError(
        MakeClient(server, {.stall_timeout = absl::Milliseconds(150)})->Chat(Hello(), nullptr),
        absl::StatusCode::kDeadlineExceeded, "silent for 150ms", server.url());
    EXPECT_LT(absl::Now() - begin, kBounded);
    EXPECT_EQ(server.requests().size(), 1u) << "a hanging server is not asked again";
  }
}

TEST(ChatClientTest, RepeatsACallWhoseStreamEndsBeforeItsFirstText) {
  const ScriptedHttpServer server({{.pieces = {Hi().pieces[0], Hi().pieces[1]}}, Hi()});
  const absl::StatusOr<ChatReply> reply = MakeClient(server)->Chat(Hello(), nullptr);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(ChatClientTest, SaysThatAStreamBrokeOffAndDoesNotSayItsTextTwice) {
  const ScriptedReply cut = {.pieces = {Hi().pieces[0], Hi().pieces[2]}};
  const ScriptedReply ended = EventsReply({TextChunk("Hello, ")});
  for (const ScriptedReply& script : {cut, ended}) {
    const ScriptedHttpServer server({script});
    std::string seen;
    ExpectError(MakeClient(server)->Chat(Hello(), [&](std::string_view piece) { seen += piece; }),
                absl::StatusCode::kDataLoss, "broke off", server.url());
    EXPECT_EQ(seen, "Hello, ");
  }
}

TEST(ChatClientTest, TakesAReplyWhoseConnectionIsCutBehindItsEnd) {
  ScriptedReply cut = Hi();
  cut.pieces.pop_back();
  const ScriptedHttpServer server({cut});
  const absl::StatusOr<ChatReply> reply = MakeClient(server)->Chat(Hello(), nullptr);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->text, "Hello, wörld");
}

TEST(ChatClientTest, RefusesWhatIsNoReply) {
  struct Case {
    ScriptedReply reply;
    std::string words;
  };
  for (const Case& test :
       {Case{HttpReplyOf(200, "<html>"), "expected a JSON object"},
        Case{HttpReplyOf(200, "{}"), "choices"},
        Case{HttpReplyOf(200, R"({"choices":[{"message":{"content":7}}]})"), "a string"},
        Case{HttpReplyOf(200, R"({"choices":[{}]})"), "choices[0].message"},
        Case{EventsReply({"{\"choices\":"}), "events that are JSON objects"},
        Case{EventsReply({R"({"choices":[{"delta":{"content":[]}}]})"}), "a string"}}) {
    const ScriptedHttpServer server({test.reply});
    ExpectError(MakeClient(server)->Chat(Hello(), nullptr), absl::StatusCode::kDataLoss, test.words,
                server.url());
  }
}

TEST(ChatClientTest, WaitsAsLongAsAnOverloadedServerSays) {
  const ScriptedHttpServer server({HttpReplyOf(429, "slow down", "Retry-After: 1\r\n"), Hi()});
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(MakeClient(server)->Chat(Hello(), nullptr).ok());
  EXPECT_GE(absl::Now() - begin, absl::Seconds(1));
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(ChatClientTest, DoesNotWaitBeyondTheDeadline) {
  const ScriptedHttpServer server({HttpReplyOf(429, "slow down", "Retry-After: 3600\r\n")});
  ChatRequest request = Hello();
  const absl::Time begin = absl::Now();
  request.deadline = begin + absl::Minutes(1);
  ExpectError(MakeClient(server)->Chat(request, nullptr), absl::StatusCode::kUnavailable,
              "answered 429: slow down", server.url());
  EXPECT_LT(absl::Now() - begin, kBounded);
}

TEST(ChatClientTest, RepeatsServerErrorsABoundedNumberOfTimes) {
  const ScriptedReply broken = HttpReplyOf(500, R"({"error":{"message":"out of memory"}})");
  const ScriptedHttpServer passing({broken, HttpReplyOf(503, ""), Hi()});
  EXPECT_TRUE(MakeClient(passing)->Chat(Hello(), nullptr).ok());

  const ScriptedHttpServer lasting({broken});
  ExpectError(MakeClient(lasting, {.retries = 2})->Chat(Hello(), nullptr),
              absl::StatusCode::kUnavailable, "answered 500: out of memory", lasting.url());
  EXPECT_EQ(lasting.requests().size(), 3u);
}

TEST(ChatClientTest, ShowsNoKeyWhateverTheServerSays) {
  const std::string quoted = std::string(R"({"error":{"message":"bad key )") + kKey + "\"}}";
  struct Case {
    int status;
    absl::StatusCode code;
    std::string words;
  };
  for (const Case& test :
       {Case{401, absl::StatusCode::kPermissionDenied, "answered 401: it refuses the key"},
        Case{403, absl::StatusCode::kPermissionDenied, "answered 403"},
        Case{400, absl::StatusCode::kInvalidArgument, "answered 400: bad key [key]"},
        Case{404, absl::StatusCode::kInvalidArgument, "answered 404"},
        Case{501, absl::StatusCode::kInvalidArgument, "answered 501"},
        Case{307, absl::StatusCode::kInvalidArgument, "redirects are not followed"}}) {
    const ScriptedHttpServer server(
        {HttpReplyOf(test.status, quoted, "Location: http://127.0.0.1:1/\r\n")});
    ExpectError(MakeClient(server)->Chat(Hello(), nullptr), test.code, test.words, server.url());
    EXPECT_EQ(server.requests().size(), 1u) << test.status;
  }
}

TEST(ChatClientTest, BoundsTheReply) {
  std::vector<std::string> events(2000, TextChunk(std::string(100, 'x')));
  const std::string whole = WholeReply(std::string(200'000, 'x'));
  for (const ScriptedReply& huge : {EventsReply(events), HttpReplyOf(200, whole)}) {
    const ScriptedHttpServer server({huge});
    ExpectError(MakeClient(server, {.max_reply_bytes = 100'000})->Chat(Hello(), nullptr),
                absl::StatusCode::kDataLoss, "at most 100000 bytes", server.url());
  }
}

TEST(ChatClientTest, IsCancelledWhileItWaits) {
  const ScriptedHttpServer hanging({{.pieces = {}, .hang = true}});
  const ScriptedHttpServer overloaded({HttpReplyOf(429, "", "Retry-After: 25\r\n")});
  for (const ScriptedHttpServer* server : {&hanging, &overloaded}) {
    std::atomic<bool> cancelled = false;
    std::thread canceller([&] {
      while (server->requests().empty()) absl::SleepFor(absl::Milliseconds(5));
      absl::SleepFor(absl::Milliseconds(50));
      cancelled = true;
    });
    ChatRequest request = Hello();
    request.cancelled = [&] { return cancelled.load(); };
    const absl::Time begin = absl::Now();
    ExpectError(MakeClient(*server)->Chat(request, nullptr), absl::StatusCode::kCancelled,
                "cancelled", server->url());
    EXPECT_LT(absl::Now() - begin, kBounded);
    canceller.join();
  }
}

TEST(ChatClientTest, SaysThatNobodyListens) {
  std::string url;
  {
    const ScriptedHttpServer gone({Hi()});
    url = gone.url();
  }
  const auto client = ChatClient::Make({.url = url, .first_wait = absl::Milliseconds(1)});
  ASSERT_TRUE(client.ok());
  ExpectError((*client)->Chat(Hello(), nullptr), absl::StatusCode::kUnavailable,
              "Couldn't connect to server", url);
}

TEST(ChatClientTest, ServesManyThreads) {
  const ScriptedHttpServer server({Hi()});
  const auto client = MakeClient(server);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5; ++j) {
        const absl::StatusOr<ChatReply> reply = client->Chat(Hello(), nullptr);
        right += reply.ok() && reply->text == "Hello, wörld" ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

TEST(ChatClientTest, ChecksItsOptions) {
  for (const char* url : {"", "127.0.0.1:8000", "ftp://host/v1", "http://", "file:///etc/passwd",
                          "https://user:secret@host/v1", "https://host/v1?key=secret"}) {
    const auto client = ChatClient::Make({.url = url});
    ASSERT_FALSE(client.ok()) << url;
    EXPECT_EQ(client.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(client.status().ToString(), Not(HasSubstr("secret")));
  }
  const auto client = ChatClient::Make({.url = "https://host/v1", .api_key = "two\r\nsecret: x"});
  ASSERT_FALSE(client.ok());
  EXPECT_THAT(client.status().ToString(), Not(HasSubstr("secret")));
  EXPECT_TRUE(ChatClient::Make({.url = "https://host:8000/v1/"}).ok());
}

}  // namespace
}  // namespace foraker::agent
