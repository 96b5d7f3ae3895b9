#include "index/segment/document_reader.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/status.h"

namespace foraker::index {

absl::StatusOr<Document> ReadDocument(const Segment& segment, DocId document) {
  return DocumentReader(segment).Read(document);
}

absl::StatusOr<Document> DocumentReader::Read(DocId document) {
  Document out;
  ASSIGN_OR_RETURN(const std::string_view id, segment_.Id(document));
  out.id = std::string(id);
  ASSIGN_OR_RETURN(out.version, segment_.Version(document));
  ASSIGN_OR_RETURN(TitleAndText text, texts_.Load(document));
  out.title = std::move(text.title);
  out.text = std::move(text.text);
  ASSIGN_OR_RETURN(out.fields, segment_.fields().Get(document));
  RETURN_IF_ERROR(ReadPassages(document, out));
  return out;
}

absl::Status DocumentReader::ReadPassages(DocId document, Document& out) {
  const CountedTerms* counted = segment_.counted_terms();
  std::span<const TermKey> counted_keys;
  if (counted != nullptr) {
    out.counted_namespace = counted->counted_namespace();
    ASSIGN_OR_RETURN(counted_keys, counted->Keys());
  }
  ASSIGN_OR_RETURN(const PassageRange range, segment_.PassagesOf(document));
  out.passages.reserve(range.end - range.begin);
  for (PassageId at = range.begin; at < range.end; ++at) {
    Passage& passage = out.passages.emplace_back();
    ASSIGN_OR_RETURN(const PassageText text, segment_.TextRange(at));
    passage.text_begin = text.begin;
    passage.text_end = text.end;
    RETURN_IF_ERROR(segment_.terms().Forward(at, passage.vector));
    std::vector<Position>& positions = passage.vector.positions;
    if (std::all_of(positions.begin(), positions.end(),
                    [](Position position) { return position == kNoPosition; })) {
      positions.clear();
    }
    if (counted == nullptr) continue;
    RETURN_IF_ERROR(counted->Load(at, counted_));
    passage.counted.resize(counted_.size());
    std::transform(counted_.begin(), counted_.end(), passage.counted.begin(),
                   [counted_keys](uint32_t place) { return counted_keys[place]; });
  }
  return absl::OkStatus();
}

}  // namespace foraker::index
