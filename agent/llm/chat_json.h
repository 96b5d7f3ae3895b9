// The JSON of OpenAI's chat completions: the request, a reply at once, a piece of a streamed one,
// and what a server says when it refuses.
//
// Pure functions. Errors: kDataLoss naming the member and what was expected; kUnavailable with the
// server's words for an error that it reports inside a stream.

#ifndef FORAKER_AGENT_LLM_CHAT_JSON_H_
#define FORAKER_AGENT_LLM_CHAT_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/llm/chat.h"

namespace foraker::agent {

// What is asked of the server; those that refuse one are asked for the next.
enum class StreamMode {
  kWithUsage,  // stream, with the tokens' counts at its end (stream_options)
  kStream,
  kWhole,
};

std::string ChatRequestJson(const ChatRequest& request, std::string_view model, StreamMode mode);

// `counted_by_server` says whether the reply held the counts; else they are 0.
absl::StatusOr<ChatReply> ParseChatReply(std::string_view body);

// Adds a chunk to `reply`; returns the text that it brought.
absl::StatusOr<std::string> AddChatChunk(std::string_view data, ChatReply& reply);

// The server's own words, in one line of at most some hundred bytes.
std::string ServerMessage(std::string_view body);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_CHAT_JSON_H_
