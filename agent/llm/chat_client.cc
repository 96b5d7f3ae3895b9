#include "agent/llm/chat_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "agent/llm/chat_stream.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

constexpr std::string_view kPath = "/chat/completions";
constexpr size_t kMaxRefusalBytes = 4096;  // that are looked at
constexpr absl::Duration kAsk = absl::Milliseconds(20);

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
bool Has(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return has;
}

// Credentials belong into the key, where they are not shown.
bool IsEndpoint(const std::string& text) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  return (text.starts_with("http://") || text.starts_with("https://")) && url != nullptr &&
         curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK &&
         !Has(url.get(), CURLUPART_USER) && !Has(url.get(), CURLUPART_PASSWORD) &&
         !Has(url.get(), CURLUPART_QUERY) && !Has(url.get(), CURLUPART_FRAGMENT);
}

bool IsKey(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char byte) { return byte > ' ' && byte < 0x7F; });
}

std::string EndpointOf(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return absl::StrCat(base::ToAbsl(url), base::ToAbsl(kPath));
}

bool IsEventStream(const HttpReply& head) {
  return absl::StartsWithIgnoreCase(head.content_type, "text/event-stream");
}

// Overload, and a fault of the server that may pass. 501 does not.
bool MayPass(int status) { return status == 429 || (status >= 500 && status != 501); }

// Of English prompts with names and JSON; measured with the tokenizers of SmolLM2 (3.4 bytes a
// token) and Gemma 3 (3.7).
uint64_t EstimateTokens(uint64_t bytes) { return (2 * bytes + 6) / 7; }

void EstimateUsage(const ChatRequest& request, ChatReply& reply) {
  if (reply.counted_by_server) return;
  uint64_t bytes = 0;
  for (const ChatMessage& message : request.messages) bytes += message.content.size();
  reply.tokens_in = EstimateTokens(bytes);
  reply.tokens_out = EstimateTokens(reply.text.size());
}

absl::Status Wait(absl::Duration duration, const ChatRequest& request) {
  const absl::Time end = absl::Now() + duration;
  for (absl::Time now = absl::Now(); now < end; now = absl::Now()) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("cancelled");
    absl::SleepFor(std::min(end - now, kAsk));
  }
  return absl::OkStatus();
}

}  // namespace

struct ChatClient::Attempt {
  absl::StatusOr<ChatReply> reply;
  bool retry = false;
  bool refused_stream = false;
  absl::Duration retry_after = absl::ZeroDuration();  // zero: not said
};

absl::StatusOr<std::unique_ptr<ChatClient>> ChatClient::Make(ChatClientOptions options) {
  if (!IsEndpoint(options.url)) {
    return absl::InvalidArgumentError(
        "url: expected http(s)://HOST[:PORT][/PATH] without user, password and query");
  }
  if (!IsKey(options.api_key)) {
    return absl::InvalidArgumentError("api_key: expected printable ASCII without white space");
  }
  if (options.connect_timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("connect_timeout: expected above 0");
  }
  if (options.stall_timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("stall_timeout: expected above 0");
  }
  return std::unique_ptr<ChatClient>(new ChatClient(std::move(options)));
}

ChatClient::ChatClient(ChatClientOptions options)
    : options_(std::move(options)),
      endpoint_(EndpointOf(options_.url)),
      sessions_(std::make_shared<const HttpSessions>()) {}

absl::StatusOr<ChatReply> ChatClient::Chat(const ChatRequest& request, const OnText& on_text) {
  absl::Duration next_wait = options_.first_wait;
  for (uint32_t retries = 0;;) {
    const StreamMode mode = mode_.load();
    Attempt attempt = Try(request, mode, on_text);
    if (attempt.refused_stream) {
      // Another thread may have learnt it first.
      StreamMode expected = mode;
      mode_.compare_exchange_strong(
          expected, mode == StreamMode::kWithUsage ? StreamMode::kStream : StreamMode::kWhole);
      continue;
    }
    if (attempt.reply.ok()) {
      EstimateUsage(request, *attempt.reply);
      return std::move(attempt.reply);
    }
    const absl::Duration wait = std::max(next_wait, attempt.retry_after);
    if (!attempt.retry || retries == options_.retries || wait > options_.longest_wait ||
        absl::Now() + wait >= request.deadline) {
      return WithEndpoint(attempt.reply.status());
    }
    if (const absl::Status waited = Wait(wait, request); !waited.ok()) return WithEndpoint(waited);
    ++retries;
    next_wait *= 2;
  }
}

ChatClient::Attempt ChatClient::Try(const ChatRequest& request, StreamMode mode,
                                    const OnText& on_text) {
  HttpPost post;
  post.url = endpoint_;
  post.headers = {"Content-Type: application/json", "Accept: text/event-stream, application/json",
                  "Expect:"};
  if (!options_.api_key.empty()) {
    post.headers.push_back(absl::StrCat("Authorization: Bearer ", options_.api_key));
  }
  post.body = ChatRequestJson(request, options_.model, mode);
  post.connect_timeout = options_.connect_timeout;
  post.stall_timeout = options_.stall_timeout;
  post.deadline = request.deadline;
  post.cancelled = request.cancelled;
  post.max_reply_bytes = options_.max_reply_bytes;

  ChatStream stream(on_text);
  std::string body;
  HttpReply reply;
  const absl::Status status = sessions_.Borrow()->Post(
      post,
      [&](const HttpReply& head, std::string_view piece) -> absl::Status {
        if (head.status == 200 && IsEventStream(head)) return stream.Feed(piece);
        body += head.status == 200 ? piece : piece.substr(0, kMaxRefusalBytes - body.size());
        return absl::OkStatus();
      },
      reply);

  const bool streamed = reply.status == 200 && IsEventStream(reply);
  // A connection that is lost, or goes silent, after the reply's end takes nothing from it.
  if (streamed && stream.complete() && !absl::IsCancelled(status)) return {stream.Finish()};
  if (!status.ok()) {
    // Text that the caller has seen is not to be said twice.
    if (absl::IsUnavailable(status) && stream.has_text()) {
      return {absl::DataLossError(status.message())};
    }
    return {status, absl::IsUnavailable(status)};
  }
  if (reply.status != 200) {
    const bool refused_stream = mode != StreamMode::kWhole && reply.status != 429 &&
                                !(MayPass(reply.status)) && absl::StrContains(body, "stream");
    return {Refusal(reply, body), MayPass(reply.status), refused_stream, reply.retry_after};
  }
  if (streamed) {
    if (!stream.has_text())
      return {absl::UnavailableError("the reply ended before it began"), true};
    return {stream.Finish()};
  }
  Attempt attempt{ParseChatReply(body)};
  if (attempt.reply.ok() && on_text && !attempt.reply->text.empty()) on_text(attempt.reply->text);
  return attempt;
}

absl::Status ChatClient::Refusal(const HttpReply& reply, std::string_view body) const {
  // Servers quote refused keys, some in part.
  if (reply.status == 401 || reply.status == 403) {
    return absl::PermissionDeniedError(
        absl::StrCat("answered ", reply.status,
                     options_.api_key.empty() ? ": it wants a key" : ": it refuses the key"));
  }
  std::string message = absl::StrCat("answered ", reply.status, ": ", ServerMessage(body));
  if (!options_.api_key.empty()) {
    message = absl::StrReplaceAll(message, {{options_.api_key, "[key]"}});
  }
  if (MayPass(reply.status)) return absl::UnavailableError(message);
  if (reply.status >= 300 && reply.status < 400) {
    message = absl::StrCat("answered ", reply.status, ", and redirects are not followed");
  }
  return absl::InvalidArgumentError(message);
}

absl::Status ChatClient::WithEndpoint(const absl::Status& status) const {
  return base::Annotate(status, endpoint_);
}

}  // namespace foraker::agent
