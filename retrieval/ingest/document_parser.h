// One line of JSON to a document (the formats are in batch_build.h). Fields come out with the type
// their JSON has: string = keyword, integer, real, boolean; FieldSchema makes them those of the
// collection. Vectors come out as one passage over the whole text.
//
// One thread a parser. Errors are kInvalidArgument and say what was expected; the caller knows
// file and line.

#ifndef FORAKER_RETRIEVAL_INGEST_DOCUMENT_PARSER_H_
#define FORAKER_RETRIEVAL_INGEST_DOCUMENT_PARSER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "retrieval/ingest/batch_build.h"

namespace foraker::retrieval {

class DocumentParser {
 public:
  // See DocumentEncoder::NameTerm; called for each token of a vector.
  using NameTerm = std::function<void(index::TermKey key, std::string_view utf8)>;

  DocumentParser(InputKind kind, bool drop_small_weights);
  ~DocumentParser();
  DocumentParser(const DocumentParser&) = delete;
  DocumentParser& operator=(const DocumentParser&) = delete;

  // At least LineBatch::kPaddingBytes readable bytes must follow `line`. `name_term` may be null.
  absl::StatusOr<index::Document> Parse(std::string_view line, const NameTerm& name_term);

  // Terms that the last line's vector had with a weight too small to be stored.
  uint64_t dropped_terms() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_DOCUMENT_PARSER_H_
