#include "agent/llm/chat_stream.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/llm/chat_json.h"
#include "base/status.h"

namespace foraker::agent {

ChatStream::ChatStream(OnText on_text)
    : on_text_(std::move(on_text)),
      events_([this](std::string_view data) { return TakeEvent(data); }) {}

absl::Status ChatStream::TakeEvent(std::string_view data) {
  // What follows the end is nobody's.
  if (done_) return absl::OkStatus();
  if (data == "[DONE]") {
    done_ = true;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string piece, AddChatChunk(data, reply_));
  if (on_text_ && !piece.empty()) on_text_(piece);
  return absl::OkStatus();
}

absl::StatusOr<ChatReply> ChatStream::Finish() {
  if (complete()) return std::move(reply_);
  return absl::DataLossError(
      absl::StrCat("the reply broke off after ", reply_.text.size(), " bytes of text"));
}

}  // namespace foraker::agent
