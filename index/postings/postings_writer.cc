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
    AppendArray(impacts, pending_);
  } else {
    AppendBlocked(passages, impacts);
  }
  Align(pending_);
  return pending_.size() < kFlushBytes ? absl::OkStatus() : Flush();
}

void PostingsWriter::AppendBlocked(std::span<const uint32_t> passages,
                                   std::span<const Impact> impacts) {
  BlockedHeader header{rows_.size(), 0, 0};
  header.occupied_blocks = AppendRow(passages, impacts);
  AppendArray(std::span<const BlockedHeader>(&header, 1), pending_);
  std::vector<uint16_t> counts(num_windows_);
  std::vector<BlockedPosting> postings(passages.size());
  for (size_t i = 0; i < passages.size(); ++i) {
    ++counts[passages[i] / kWindowPassages];
    postings[i] = MakePosting(passages[i], impacts[i]);
  }
  AppendArray(std::span<const uint16_t>(counts), pending_);
  AppendArray(std::span<const BlockedPosting>(postings), pending_);
}

uint32_t PostingsWriter::AppendRow(std::span<const uint32_t> passages,
                                   std::span<const Impact> impacts) {
  std::vector<uint32_t> blocks;
  std::vector<Impact> maxima;
  std::vector<uint8_t> counts;
  for (size_t i = 0; i < passages.size(); ++i) {
    const uint32_t block = passages[i] / kBlockPassages;
    if (blocks.empty() || blocks.back() != block) {
      blocks.push_back(block);
      maxima.push_back(0);
      counts.push_back(0);
    }
    maxima.back() = std::max(maxima.back(), impacts[i]);
    ++counts.back();
  }
  const auto occupied = static_cast<uint32_t>(blocks.size());
  if (StoresDenseRow(occupied, num_blocks_)) {
    std::vector<uint8_t> row(size_t{2} * num_blocks_);
    for (size_t i = 0; i < occupied; ++i) {
      row[blocks[i]] = maxima[i];
      row[num_blocks_ + blocks[i]] = counts[i];
    }
    AppendArray(std::span<const uint8_t>(row), rows_);
  } else {
    std::vector<uint64_t> bitmap(BitmapWords(num_blocks_));
    for (const uint32_t block : blocks) bitmap[block / 64] |= uint64_t{1} << (block % 64);
    AppendArray(std::span<const uint64_t>(bitmap), rows_);
    AppendArray(std::span<const Impact>(maxima), rows_);
    AppendArray(std::span<const uint8_t>(counts), rows_);
  }
  Align(rows_);
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
  return out_->AddSection(SectionId::kBlockMaxima, rows_);
}

}  // namespace foraker::index
