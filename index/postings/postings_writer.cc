#include "index/postings/postings_writer.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "base/status.h"

namespace foraker::index {
namespace {

constexpr size_t kFlushBytes = size_t{4} << 20;

template <typename T>
void AppendArray(std::span<const T> values, std::vector<std::byte>& out) {
  const std::span<const std::byte> bytes = std::as_bytes(values);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void Align(std::vector<std::byte>& out) {
  out.resize((out.size() + kListAlignment - 1) & ~(kListAlignment - 1));
}

}  // namespace

absl::StatusOr<PostingsWriter> PostingsWriter::Create(uint32_t num_passages,
                                                      SectionFileWriter& out) {
  RETURN_IF_ERROR(out.Begin(SectionId::kPostings));
  return PostingsWriter(num_passages, out);
}

absl::Status PostingsWriter::Add(std::span<const uint32_t> passages,
                                 std::span<const Impact> impacts, float scale) {
  const auto df = static_cast<uint32_t>(passages.size());
  records_.push_back({flushed_ + pending_.size(), df, scale});
  if (df < PlainListCut(num_windows_)) {
    AppendArray(passages, pending_);
  } else {
    WindowedHeader header{maxima_.size(), 0, 0};
    header.occupied_blocks = AppendMaxima(passages, impacts);
    AppendArray(std::span<const WindowedHeader>(&header, 1), pending_);
    AppendWindowed(passages);
  }
  AppendArray(impacts, pending_);
  Align(pending_);
  return pending_.size() < kFlushBytes ? absl::OkStatus() : Flush();
}

void PostingsWriter::AppendWindowed(std::span<const uint32_t> passages) {
  std::vector<uint16_t> counts(num_windows_);
  std::vector<uint16_t> offsets(passages.size());
  for (size_t i = 0; i < passages.size(); ++i) {
    ++counts[passages[i] / kWindowPassages];
    offsets[i] = static_cast<uint16_t>(passages[i] % kWindowPassages);
  }
  AppendArray(std::span<const uint16_t>(counts), pending_);
  AppendArray(std::span<const uint16_t>(offsets), pending_);
}

uint32_t PostingsWriter::AppendMaxima(std::span<const uint32_t> passages,
                                      std::span<const Impact> impacts) {
  block_ids_.clear();
  block_maxima_.clear();
  for (size_t i = 0; i < passages.size(); ++i) {
    const uint32_t block = passages[i] / kBlockPassages;
    if (block_ids_.empty() || block_ids_.back() != block) {
      block_ids_.push_back(block);
      block_maxima_.push_back(impacts[i]);
    } else {
      block_maxima_.back() = std::max(block_maxima_.back(), impacts[i]);
    }
  }
  const auto occupied = static_cast<uint32_t>(block_ids_.size());
  if (StoresDenseRow(occupied, num_blocks_)) {
    std::vector<Impact> row(num_blocks_);
    for (size_t i = 0; i < occupied; ++i) row[block_ids_[i]] = block_maxima_[i];
    AppendArray(std::span<const Impact>(row), maxima_);
  } else {
    std::vector<uint64_t> bitmap(CeilDiv(num_blocks_, 64));
    for (const uint32_t block : block_ids_) bitmap[block / 64] |= uint64_t{1} << (block % 64);
    AppendArray(std::span<const uint64_t>(bitmap), maxima_);
    AppendArray(std::span<const Impact>(block_maxima_), maxima_);
  }
  Align(maxima_);
  return occupied;
}

absl::Status PostingsWriter::Flush() {
  RETURN_IF_ERROR(out_->Append(pending_));
  flushed_ += pending_.size();
  pending_.clear();
  return absl::OkStatus();
}

absl::Status PostingsWriter::Finish() {
  RETURN_IF_ERROR(Flush());
  RETURN_IF_ERROR(out_->AddArray(SectionId::kTermInfo, std::span<const TermRecord>(records_)));
  return out_->AddSection(SectionId::kBlockMaxima, maxima_);
}

}  // namespace foraker::index
