#include "index/postings/posting_lists.h"

#include <cstring>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace foraker::index {
namespace {

// True when [offset, offset + length) lies in `section` at the alignment of lists.
bool Fits(std::span<const std::byte> section, uint64_t offset, uint64_t length) {
  return offset % kListAlignment == 0 && offset <= section.size() &&
         length <= section.size() - offset;
}

template <typename T>
std::span<const T> ArrayAt(const std::byte* at, size_t n) {
  return {reinterpret_cast<const T*>(at), n};
}

}  // namespace

absl::StatusOr<PostingLists> PostingLists::Open(const SectionFile& file, uint32_t num_passages) {
  PostingLists lists;
  lists.file_ = &file;
  lists.num_passages_ = num_passages;
  lists.num_windows_ = NumWindows(num_passages);
  lists.num_blocks_ = NumBlocks(num_passages);
  ASSIGN_OR_RETURN(lists.records_, file.GetArray<TermRecord>(SectionId::kTermInfo));
  ASSIGN_OR_RETURN(lists.postings_, file.Get(SectionId::kPostings));
  ASSIGN_OR_RETURN(lists.rows_, file.Get(SectionId::kBlockMaxima));
  return lists;
}

absl::Status PostingLists::Bad(uint32_t term, std::string_view what) const {
  return absl::DataLossError(absl::StrFormat("%s: section %s: list of term %d: %s", file_->path(),
                                             SectionName(SectionId::kPostings), term, what));
}

absl::StatusOr<TermRecord> PostingLists::Record(uint32_t term) const {
  if (term >= num_terms()) {
    return absl::OutOfRangeError(
        absl::StrFormat("%s: term %d: the segment has %d", file_->path(), term, num_terms()));
  }
  RETURN_IF_ERROR(
      file_->Touch(SectionId::kTermInfo, uint64_t{term} * sizeof(TermRecord), sizeof(TermRecord)));
  return records_[term];
}

absl::StatusOr<uint32_t> PostingLists::DocumentFrequency(uint32_t term) const {
  ASSIGN_OR_RETURN(const TermRecord record, Record(term));
  return record.document_frequency;
}

absl::StatusOr<PostingList> PostingLists::Find(uint32_t term) const {
  ASSIGN_OR_RETURN(const TermRecord record, Record(term));
  const uint32_t df = record.document_frequency;
  if (df == 0 || df > num_passages_) return Bad(term, "its length is not in 1..passages");
  if (!(record.scale > 0 && record.scale <= 65504.0f)) return Bad(term, "its scale is no weight");
  const bool plain = df < PlainListCut(num_windows_);
  const uint64_t bytes = plain ? PlainListBytes(df) : BlockedListBytes(df, num_windows_);
  if (!Fits(postings_, record.list, bytes)) return Bad(term, "it lies outside the section");
  RETURN_IF_ERROR(file_->Touch(SectionId::kPostings, record.list, bytes));

  PostingList list;
  list.scale = record.scale;
  list.document_frequency = df;
  const std::byte* at = postings_.data() + record.list;
  if (!plain) {
    RETURN_IF_ERROR(ReadBlocked(term, at, list));
    return list;
  }
  list.passages = ArrayAt<uint32_t>(at, df);
  list.impacts = ArrayAt<uint8_t>(at + uint64_t{df} * sizeof(uint32_t), df);
  if (list.passages.back() >= num_passages_) return Bad(term, "a passage beyond the segment");
  return list;
}

absl::Status PostingLists::ReadBlocked(uint32_t term, const std::byte* list,
                                       PostingList& out) const {
  BlockedHeader header;
  std::memcpy(&header, list, sizeof(header));
  const std::byte* at = list + sizeof(header);
  out.window_counts = ArrayAt<uint16_t>(at, num_windows_);
  out.postings =
      ArrayAt<BlockedPosting>(at + sizeof(uint16_t) * num_windows_, out.document_frequency);
  uint64_t total = 0;
  for (const uint16_t count : out.window_counts) total += count;
  if (total != out.document_frequency) {
    return Bad(term, "its windows do not add up to its length");
  }

  const uint32_t occupied = header.occupied_blocks;
  if (occupied > num_blocks_) return Bad(term, "it occupies more blocks than there are");
  const uint64_t row_bytes = RowBytes(occupied, num_blocks_);
  if (!Fits(rows_, header.row, row_bytes)) return Bad(term, "its row lies outside the section");
  RETURN_IF_ERROR(file_->Touch(SectionId::kBlockMaxima, header.row, row_bytes));
  const std::byte* row = rows_.data() + header.row;
  uint32_t entries = num_blocks_;
  if (!StoresDenseRow(occupied, num_blocks_)) {
    const uint32_t words = BitmapWords(num_blocks_);
    out.row.occupied = ArrayAt<uint64_t>(row, words);
    row += sizeof(uint64_t) * words;
    entries = occupied;
  }
  out.row.maxima = ArrayAt<uint8_t>(row, entries);
  out.row.counts = ArrayAt<uint8_t>(row + entries, entries);
  return absl::OkStatus();
}

}  // namespace foraker::index
