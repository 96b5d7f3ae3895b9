#include "retrieval/rebuilt_segments.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "index/segment/document_set.h"

namespace foraker::retrieval {
namespace {

constexpr size_t kSegmentMemory = size_t{256} << 20;

// What a document is made of again: everything but its passages.
absl::StatusOr<index::Document> ReadSource(const index::Segment& segment, index::DocId id) {
  index::Document document;
  ASSIGN_OR_RETURN(const std::string_view name, segment.Id(id));
  document.id = std::string(name);
  ASSIGN_OR_RETURN(document.version, segment.Version(id));
  ASSIGN_OR_RETURN(index::TitleAndText text, segment.LoadText(id));
  document.title = std::move(text.title);
  document.text = std::move(text.text);
  ASSIGN_OR_RETURN(document.fields, segment.fields().Get(id));
  return document;
}

}  // namespace

RebuiltSegments::RebuiltSegments(std::string directory, std::shared_ptr<EncoderPool> encoders,
                                 uint32_t threads,
                                 std::function<absl::Status(uint64_t)> on_documents)
    : directory_(std::move(directory)),
      encoders_(std::move(encoders)),
      threads_(threads),
      on_documents_(std::move(on_documents)),
      cutter_({.directory = directory_,
               .first_file = 1,
               .memory_bytes = kSegmentMemory,
               .on_segment = [this](const std::string& file) {
                 files_.push_back(file);
                 return absl::OkStatus();
               }}) {}

// Threads encode a part each and wait for the slowest; parts are so small that a cancellation is
// noticed within a second or so.
size_t RebuiltSegments::DocumentsOfAPart() const {
  return IsNeural(encoders_->settings()) ? 8 : 128;
}

absl::StatusOr<RebuiltSegments::Encoded> RebuiltSegments::Encode(
    const index::Snapshot& snapshot, std::span<const DocumentAddress> documents) const {
  Encoded encoded;
  encoded.documents.reserve(documents.size());
  std::vector<index::Document*> pointers;
  for (const DocumentAddress& address : documents) {
    ASSIGN_OR_RETURN(index::Document document,
                     ReadSource(*snapshot.segments[address.segment].segment, address.document));
    encoded.documents.push_back(std::move(document));
    pointers.push_back(&encoded.documents.back());
  }
  std::vector<DocumentEncoder::Outcome> outcomes;
  RETURN_IF_ERROR(encoders_->Encode(
      pointers, absl::InfiniteFuture(),
      [&encoded](index::TermKey key, std::string_view utf8) {
        encoded.names.try_emplace(key, utf8);
      },
      outcomes));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    RETURN_IF_ERROR(base::Annotate(outcomes[i].error,
                                   absl::StrFormat("document \"%s\"", encoded.documents[i].id)));
  }
  return encoded;
}

absl::Status RebuiltSegments::Add(const index::Snapshot& snapshot,
                                  std::span<const DocumentAddress> documents) {
  while (!documents.empty()) {
    std::vector<std::optional<absl::StatusOr<Encoded>>> parts(threads_);
    std::vector<std::thread> workers;
    for (std::optional<absl::StatusOr<Encoded>>& part : parts) {
      const size_t size = std::min(documents.size(), DocumentsOfAPart());
      if (size == 0) break;
      workers.emplace_back(
          [this, &part, &snapshot, own = documents.first(size)] { part = Encode(snapshot, own); });
      documents = documents.subspan(size);
    }
    for (std::thread& worker : workers) worker.join();
    uint64_t added = 0;
    for (std::optional<absl::StatusOr<Encoded>>& part : parts) {
      if (!part.has_value()) break;
      RETURN_IF_ERROR(part->status());
      for (index::Document& document : (*part)->documents) {
        deleted_.erase(base::ToAbsl(document.id));
        RETURN_IF_ERROR(cutter_.Add(std::move(document), /*line=*/0, (*part)->names));
        ++added;
      }
    }
    RETURN_IF_ERROR(on_documents_(added));
  }
  return absl::OkStatus();
}

void RebuiltSegments::Delete(std::span<const std::string> ids) {
  deleted_.insert(ids.begin(), ids.end());
}

absl::Status RebuiltSegments::Finish(GenerationBuilder& builder) {
  RETURN_IF_ERROR(cutter_.Finish());
  for (const std::string& file : files_) {
    const std::string path = absl::StrCat(directory_, "/", file);
    ASSIGN_OR_RETURN(const std::shared_ptr<const index::Segment> segment,
                     index::Segment::Open(path));
    auto deleted = std::make_shared<index::DocumentSet>();
    for (const std::string& id : deleted_) {
      ASSIGN_OR_RETURN(const std::optional<index::DocId> document, segment->FindId(id));
      if (document.has_value()) deleted->add(*document);
    }
    RETURN_IF_ERROR(builder.AddSegment(path, std::move(deleted)));
  }
  return absl::OkStatus();
}

}  // namespace foraker::retrieval
