#include "retrieval/ingest/line_reader.h"

#include <xxhash.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/status.h"

namespace foraker::retrieval {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

absl::Status OtherInput(uint64_t lines) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the first ", lines,
      " lines of the input are not those that the pending build has read; restart it"));
}

}  // namespace

LineReader::LineReader(std::vector<std::string> inputs) : inputs_(std::move(inputs)) {}

void LineReader::SkipTo(InputPosition position, std::vector<uint64_t> wanted) {
  skip_to_ = position;
  wanted_ = std::move(wanted);
}

void LineReader::PutBack(std::deque<LineBatch> batches) { put_back_ = std::move(batches); }

absl::StatusOr<std::optional<LineBatch>> LineReader::Next(size_t target_bytes) {
  if (!put_back_.empty()) {
    LineBatch batch = std::move(put_back_.front());
    put_back_.pop_front();
    return batch;
  }
  if (source_ == nullptr) {
    if (next_input_ == inputs_.size()) {
      if (position_.lines < skip_to_.lines) return OtherInput(skip_to_.lines);
      return std::nullopt;
    }
    RETURN_IF_ERROR(OpenNext());
  }
  LineBatch batch;
  RETURN_IF_ERROR(Fill(target_bytes, batch));
  return batch;
}

absl::Status LineReader::OpenNext() {
  ASSIGN_OR_RETURN(source_, ByteSource::Open(inputs_[next_input_]));
  ++next_input_;
  line_number_ = 0;
  at_head_ = true;
  return absl::OkStatus();
}

absl::Status LineReader::Fill(size_t target_bytes, LineBatch& batch) {
  // A long line is read in steps that double, so that it is not copied too often.
  const size_t wanted = std::max(target_bytes, rest_.size());
  batch.bytes.resize(rest_.size() + wanted + LineBatch::kPaddingBytes);
  std::copy(rest_.begin(), rest_.end(), batch.bytes.begin());
  ASSIGN_OR_RETURN(const size_t read,
                   source_->Read(std::span(batch.bytes).subspan(rest_.size(), wanted)));
  const bool ended = read < wanted;
  std::string_view data(batch.bytes.data(), rest_.size() + read);
  rest_.clear();
  while (!data.empty()) {
    const size_t newline = data.find('\n');
    if (newline == std::string_view::npos && !ended) break;
    RETURN_IF_ERROR(AddLine(data.substr(0, newline), batch));
    data.remove_prefix(newline == std::string_view::npos ? data.size() : newline + 1);
  }
  if (data.size() > kMaxLineBytes) {
    RETURN_IF_ERROR(AddLine(data, batch));
    RETURN_IF_ERROR(SkipRestOfLine());
  } else {
    rest_.assign(data.begin(), data.end());
  }
  batch.end = position_;
  batch.bytes_consumed = consumed_before_ + source_->bytes_consumed();
  if (ended) {
    consumed_before_ = batch.bytes_consumed;
    source_ = nullptr;
  }
  return absl::OkStatus();
}

absl::Status LineReader::SkipRestOfLine() {
  std::vector<char> piece(1 << 20);
  while (true) {
    ASSIGN_OR_RETURN(const size_t read, source_->Read(piece));
    const std::string_view data(piece.data(), read);
    const size_t newline = data.find('\n');
    if (newline != std::string_view::npos) {
      rest_.assign(data.begin() + static_cast<std::ptrdiff_t>(newline) + 1, data.end());
      return absl::OkStatus();
    }
    if (read < piece.size()) return absl::OkStatus();  // the last line
  }
}

absl::Status LineReader::AddLine(std::string_view text, LineBatch& batch) {
  Line line;
  line.too_long = text.size() > kMaxLineBytes;
  text = text.substr(0, kMaxLineBytes);
  ++position_.lines;
  position_.hash = XXH3_64bits_withSeed(text.data(), text.size(), position_.hash);
  line.file = static_cast<uint32_t>(next_input_ - 1);
  line.number = ++line_number_;
  line.end = position_;
  if (std::exchange(at_head_, false) && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (text.ends_with('\r')) text.remove_suffix(1);
  line.text = line.too_long ? std::string_view() : text;

  if (position_.lines <= skip_to_.lines) {
    if (position_.lines == skip_to_.lines && position_ != skip_to_) {
      return OtherInput(skip_to_.lines);
    }
    const bool wanted = next_wanted_ < wanted_.size() && wanted_[next_wanted_] == position_.lines;
    if (!wanted) return absl::OkStatus();
    ++next_wanted_;
  }
  const bool blank = text.find_first_not_of(" \t") == std::string_view::npos;
  if (!blank || line.too_long) batch.lines.push_back(line);
  return absl::OkStatus();
}

}  // namespace foraker::retrieval
