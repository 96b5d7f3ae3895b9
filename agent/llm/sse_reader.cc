#include "agent/llm/sse_reader.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace foraker::agent {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kData = "data";

}  // namespace

absl::Status SseReader::Feed(std::string_view bytes) {
  for (const char byte : bytes) {
    const bool pair = after_return_ && byte == '\n';
    after_return_ = byte == '\r';
    if (pair) continue;
    if (byte == '\n' || byte == '\r') {
      RETURN_IF_ERROR(EndLine());
      continue;
    }
    if (line_.size() + data_.size() >= kMaxEventBytes) {
      return absl::DataLossError(
          absl::StrCat("expected events of at most ", kMaxEventBytes, " bytes"));
    }
    line_.push_back(byte);
  }
  return absl::OkStatus();
}

absl::Status SseReader::EndLine() {
  std::string_view line = line_;
  if (first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  first_line_ = false;
  absl::Status status;
  if (line.empty()) {
    if (has_data_) status = on_data_(data_);
    data_.clear();
    has_data_ = false;
  } else if (line.substr(0, line.find(':')) == kData) {
    line.remove_prefix(kData.size());
    if (line.starts_with(':')) line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (has_data_) data_.push_back('\n');
    data_.append(line);
    has_data_ = true;
  }
  line_.clear();
  return status;
}

}  // namespace foraker::agent
