#include <numeric>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/segment/document_table.h"
#include "index/segment/id_bucket.h"

namespace foraker::index {

absl::Status DocumentTableBuilder::Check(const Document& document) const {
  const std::string_view id = document.id;
  if (id.empty() || id.size() > kMaxIdBytes) {
    return absl::InvalidArgumentError(absl::StrFormat("document '%s': id has %d bytes, not 1 to %d",
                                                      id.substr(0, 64), id.size(), kMaxIdBytes));
  }
  if (ids_.Find(id)) {
    return absl::AlreadyExistsError(
        absl::StrFormat("document '%s': the segment has a document of this id", id));
  }
  for (size_t i = 0; i < document.passages.size(); ++i) {
    const Passage& passage = document.passages[i];
    if (passage.text_begin > passage.text_end || passage.text_end > document.text.size()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("document '%s': passage %d: bytes [%d, %d) leave the text's %d", id, i,
                          passage.text_begin, passage.text_end, document.text.size()));
    }
  }
  return absl::OkStatus();
}

void DocumentTableBuilder::Add(const Document& document) {
  passage_ends_.push_back(num_passages() + static_cast<uint32_t>(document.passages.size()));
  ids_.Intern(document.id);
  versions_.push_back(document.version);
  for (const Passage& passage : document.passages) {
    text_ranges_.push_back({passage.text_begin, passage.text_end});
  }
}

size_t DocumentTableBuilder::memory_bytes() const {
  constexpr size_t kWriteBytesPerDocument = sizeof(uint64_t) + 5 * sizeof(uint32_t);
  return ids_.memory_bytes() + versions_.capacity() * sizeof(uint64_t) +
         passage_ends_.capacity() * sizeof(uint32_t) +
         text_ranges_.capacity() * sizeof(PassageText) +
         std::max<size_t>(versions_.size() * kWriteBytesPerDocument + ids_.total_bytes(),
                          text_ranges_.size() * 3 * sizeof(uint32_t));
}

absl::Status DocumentTableBuilder::Write(std::span<const uint32_t> order,
                                         SectionFileWriter& out) const {
  RETURN_IF_ERROR(WriteDocuments(order, out));
  return WritePassages(order, out);
}

absl::Status DocumentTableBuilder::WriteDocuments(std::span<const uint32_t> order,
                                                  SectionFileWriter& out) const {
  if (ids_.total_bytes() > UINT32_MAX) {
    return absl::ResourceExhaustedError("the ids of one segment take more than 4 GiB");
  }
  std::vector<uint64_t> versions;
  std::vector<uint32_t> id_ends;
  std::string ids;
  std::vector<uint32_t> buckets;  // [D] of each document
  versions.reserve(order.size());
  id_ends.reserve(order.size());
  ids.reserve(ids_.total_bytes());
  buckets.reserve(order.size());
  std::vector<uint32_t> bucket_ends(BucketsOf(num_documents()));
  for (const uint32_t arrival : order) {
    versions.push_back(versions_[arrival]);
    ids.append(ids_.Get(arrival));
    id_ends.push_back(static_cast<uint32_t>(ids.size()));
    buckets.push_back(IdBucket(ids_.Get(arrival), num_documents()));
    ++bucket_ends[buckets.back()];
  }
  std::partial_sum(bucket_ends.begin(), bucket_ends.end(), bucket_ends.begin());
  std::vector<uint32_t> next(bucket_ends);
  std::vector<uint32_t> by_bucket(order.size());
  for (uint32_t document = num_documents(); document-- > 0;) {
    by_bucket[--next[buckets[document]]] = document;
  }
  RETURN_IF_ERROR(out.AddArray(SectionId::kDocuments, std::span<const uint64_t>(versions)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(id_ends)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(bucket_ends)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(by_bucket)));
  return out.AppendArray(std::span<const char>(ids));
}

absl::Status DocumentTableBuilder::WritePassages(std::span<const uint32_t> order,
                                                 SectionFileWriter& out) const {
  std::vector<uint32_t> ends, document_of, text_begins, text_ends;
  ends.reserve(order.size());
  for (auto* values : {&document_of, &text_begins, &text_ends}) values->reserve(num_passages());
  for (uint32_t document = 0; document < order.size(); ++document) {
    const uint32_t arrival = order[document];
    const uint32_t begin = arrival == 0 ? 0 : passage_ends_[arrival - 1];
    for (uint32_t passage = begin; passage < passage_ends_[arrival]; ++passage) {
      document_of.push_back(document);
      text_begins.push_back(text_ranges_[passage].begin);
      text_ends.push_back(text_ranges_[passage].end);
    }
    ends.push_back(static_cast<uint32_t>(document_of.size()));
  }
  RETURN_IF_ERROR(out.AddArray(SectionId::kPassages, std::span<const uint32_t>(ends)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(document_of)));
  RETURN_IF_ERROR(out.AppendArray(std::span<const uint32_t>(text_begins)));
  return out.AppendArray(std::span<const uint32_t>(text_ends));
}

}  // namespace foraker::index
