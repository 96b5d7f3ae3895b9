#include "retrieval/ingest/segment_cutter.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "index/store/data_files.h"

namespace foraker::retrieval {
namespace {

// About what a document takes in memory; counts sizes, never capacities, so that it depends on the
// document alone.
size_t ApproximateBytes(const index::Document& document, const TermNames& names) {
  constexpr size_t kOverhead = 256;
  size_t bytes = kOverhead + 2 * document.id.size() + document.title.size() + document.text.size();
  for (const index::Field& field : document.fields) {
    bytes += kOverhead + field.values.size() * sizeof(index::FieldValue);
    for (const index::FieldValue& value : field.values) {
      if (const auto* keyword = std::get_if<std::string>(&value)) bytes += keyword->size();
    }
  }
  for (const index::Passage& passage : document.passages) {
    constexpr size_t kTermBytes = sizeof(index::TermKey) + 2 * sizeof(uint16_t);
    bytes += sizeof(passage) + passage.vector.keys.size() * kTermBytes +
             passage.counted.size() * sizeof(index::TermKey);
  }
  constexpr size_t kNameOverhead = 64;
  for (const auto& [key, name] : names) bytes += kNameOverhead + name.size();
  return bytes;
}

template <typename Visit>
void ForEachTerm(const index::Document& document, Visit visit) {
  for (const index::Passage& passage : document.passages) {
    for (const index::TermKey key : passage.vector.keys) visit(key);
  }
}

}  // namespace

SegmentCutter::SegmentCutter(Options options)
    : options_(std::move(options)), next_file_(options_.first_file) {}

absl::Status SegmentCutter::Add(index::Document document, uint64_t line, const TermNames& names) {
  RETURN_IF_ERROR(AddNow(document, line, names));
  return AddQueued();
}

absl::Status SegmentCutter::AddNow(index::Document& document, uint64_t line,
                                   const TermNames& names) {
  if (writer_ == nullptr) {
    ASSIGN_OR_RETURN(writer_, index::SegmentWriter::Create(absl::StrCat(
                                  options_.directory, "/", index::SegmentFileName(next_file_))));
  }
  const absl::Status added = writer_->Add(document);
  if (absl::IsAlreadyExists(added)) {
    Carry(std::move(document), line, names);
  } else {
    RETURN_IF_ERROR(added);
    ForEachTerm(document, [&](index::TermKey key) {
      if (writer_->HasName(key)) return;
      if (const auto name = names.find(key); name != names.end()) writer_->Name(key, name->second);
    });
  }
  return IsFull() ? Cut() : absl::OkStatus();
}

void SegmentCutter::Carry(index::Document document, uint64_t line, const TermNames& names) {
  Carried carried;
  ForEachTerm(document, [&](index::TermKey key) {
    if (const auto name = names.find(key); name != names.end()) carried.names.insert(*name);
  });
  carried.line = line;
  carried.bytes = ApproximateBytes(document, carried.names);
  carried_bytes_ += carried.bytes;
  const std::string id = document.id;
  carried.document = std::move(document);
  const auto [place, inserted] = carried_.try_emplace(id);
  if (!inserted) {
    ++superseded_;
    carried_bytes_ -= place->second.bytes;
  }
  place->second = std::move(carried);
}

bool SegmentCutter::IsFull() const {
  return writer_->memory_bytes() + carried_bytes_ > options_.memory_bytes;
}

absl::Status SegmentCutter::AddQueued() {
  while (!queue_.empty()) {
    Carried next = std::move(queue_.front());
    queue_.pop_front();
    RETURN_IF_ERROR(AddNow(next.document, next.line, next.names));
  }
  return absl::OkStatus();
}

absl::Status SegmentCutter::Cut() {
  RETURN_IF_ERROR(writer_->Finish());
  writer_ = nullptr;
  const std::string file = index::SegmentFileName(next_file_++);
  for (auto& [id, carried] : carried_) queue_.push_back(std::move(carried));
  carried_.clear();
  carried_bytes_ = 0;
  std::sort(queue_.begin(), queue_.end(),
            [](const Carried& a, const Carried& b) { return a.line < b.line; });
  return options_.on_segment(file);
}

absl::Status SegmentCutter::Finish() {
  while (writer_ != nullptr && writer_->num_documents() > 0) {
    RETURN_IF_ERROR(Cut());
    RETURN_IF_ERROR(AddQueued());
  }
  writer_ = nullptr;
  return absl::OkStatus();
}

std::vector<uint64_t> SegmentCutter::CarriedLines() const {
  std::vector<uint64_t> lines;
  for (const Carried& carried : queue_) lines.push_back(carried.line);
  return lines;
}

}  // namespace foraker::retrieval
