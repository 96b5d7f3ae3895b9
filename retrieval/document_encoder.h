// A document's text to indexed passages: cuts it at sentence ends, makes each passage's sparse
// vector with positions, adds the title term.
//
//   raw document ─► passages (passage_cutter) ─► stems, BM25-saturated ─► + title key ─►
//   index::Document
//
// One encoder a thread; made from a collection's DocumentSide. Rules (docs/architecture.md,
// section 3): the title counts as text of the first passage for stems; its key is on every passage.
// Stored weight of a stem: tf (k1 + 1) / (tf + k1 (1 - b + b length / reference_length)), rounded
// to binary16.

#ifndef FORAKER_RETRIEVAL_DOCUMENT_ENCODER_H_
#define FORAKER_RETRIEVAL_DOCUMENT_ENCODER_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class DocumentEncoder {
 public:
  static absl::StatusOr<std::unique_ptr<DocumentEncoder>> Create(const DocumentSide& settings);
  virtual ~DocumentEncoder() = default;

  // Called once for each term of the document just encoded whose key is hashed.
  using NameTerm = std::function<void(index::TermKey key, std::string_view utf8)>;

  // Fills document.passages from document.title and document.text; `name_term` may be null.
  virtual absl::Status Encode(index::Document& document, const NameTerm& name_term) = 0;

  // Indexed stems (stop words left out) of title and text cut into passages: the lengths from
  // which a reference length is made. Adds to `stems` and `passages`.
  virtual void Measure(std::string_view title, std::string_view text, uint64_t& stems,
                       uint64_t& passages) = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_DOCUMENT_ENCODER_H_
