#include "agent/llm/chat_json.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "agent/llm/cut_text.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxMessageBytes = 300;

Json Parse(std::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

// Null: `json` is no object, has no such member, or a null one.
const Json* Find(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

const std::string* FindString(const Json& json, const char* name) {
  const Json* const found = Find(json, name);
  return found == nullptr ? nullptr : found->get_ptr<const std::string*>();
}

absl::Status Expected(std::string_view what) {
  return absl::DataLossError(absl::StrCat("expected ", base::ToAbsl(what)));
}

void ReadUsage(const Json& json, ChatReply& reply) {
  const Json* const usage = Find(json, "usage");
  if (usage == nullptr) return;
  const Json* const in = Find(*usage, "prompt_tokens");
  const Json* const out = Find(*usage, "completion_tokens");
  if (in == nullptr || out == nullptr || !in->is_number_unsigned() || !out->is_number_unsigned()) {
    return;
  }
  reply.tokens_in = in->get<uint64_t>();
  reply.tokens_out = out->get<uint64_t>();
  reply.counted_by_server = true;
}

void ReadFinishReason(const Json& choice, ChatReply& reply) {
  if (const std::string* reason = FindString(choice, "finish_reason"); reason != nullptr) {
    reply.finish_reason = *reason;
  }
}

// Both `error` objects and plain members are in use.
const std::string* FindMessage(const Json& json) {
  const Json* const error = Find(json, "error");
  for (const Json* place : {error, &json}) {
    if (place == nullptr) continue;
    if (place->is_string()) return place->get_ptr<const std::string*>();
    for (const char* name : {"message", "detail"}) {
      if (const std::string* message = FindString(*place, name); message != nullptr) {
        return message;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::string ChatRequestJson(const ChatRequest& request, std::string_view model, StreamMode mode) {
  Json messages = Json::array();
  for (const ChatMessage& message : request.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  Json json = {{"model", std::string(model)},
               {"messages", std::move(messages)},
               {"max_tokens", request.max_tokens},
               {"temperature", request.temperature},
               {"stream", mode != StreamMode::kWhole}};
  if (!request.stop.empty()) json["stop"] = request.stop;
  if (mode == StreamMode::kWithUsage) json["stream_options"] = {{"include_usage", true}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<ChatReply> ParseChatReply(std::string_view body) {
  const Json json = Parse(body);
  if (!json.is_object()) return Expected("a JSON object");
  const Json* const choices = Find(json, "choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) {
    return Expected("choices: an array that is not empty");
  }
  const Json& choice = choices->front();
  const Json* const message = Find(choice, "message");
  if (message == nullptr || !message->is_object()) {
    return Expected("choices[0].message: an object");
  }
  ChatReply reply;
  // Null where a model has said nothing.
  if (const Json* content = Find(*message, "content"); content != nullptr) {
    if (!content->is_string()) return Expected("choices[0].message.content: a string");
    reply.text = content->get_ref<const std::string&>();
  }
  ReadFinishReason(choice, reply);
  ReadUsage(json, reply);
  return reply;
}

absl::StatusOr<std::string> AddChatChunk(std::string_view data, ChatReply& reply) {
  const Json json = Parse(data);
  if (!json.is_object()) return Expected("events that are JSON objects");
  if (Find(json, "error") != nullptr) return absl::UnavailableError(ServerMessage(data));
  ReadUsage(json, reply);
  const Json* const choices = Find(json, "choices");
  // The chunk that counts tokens has no choices.
  if (choices == nullptr || !choices->is_array() || choices->empty()) return std::string();
  const Json& choice = choices->front();
  ReadFinishReason(choice, reply);
  const Json* const delta = Find(choice, "delta");
  const Json* const content = delta == nullptr ? nullptr : Find(*delta, "content");
  if (content == nullptr) return std::string();
  if (!content->is_string()) return Expected("choices[0].delta.content: a string");
  const std::string& piece = content->get_ref<const std::string&>();
  reply.text += piece;
  return piece;
}

std::string ServerMessage(std::string_view body) {
  const Json json = Parse(body);
  const std::string* const words = FindMessage(json);
  std::string message(CutText(words == nullptr ? body : *words, kMaxMessageBytes));
  for (char& byte : message) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x20 || value == 0x7F) byte = ' ';
    // A body that is no JSON may be in any encoding.
    if (words == nullptr && value >= 0x80) byte = '?';
  }
  return message;
}

}  // namespace foraker::agent
