// A document's text to indexed passages: cuts it at sentence ends and makes each passage's sparse
// vector with positions.
//
//                    ┌─► learned terms (encoder_input, learned_terms)   neural encoders
//   raw document ─► passages (document_text) ─► stems, BM25-saturated (stem_terms)
//                    └─► title key (title_term)
//
// Keys ascend from one kind of term to the next. Rules (docs/architecture.md, section 3): the title
// counts as text of the first passage for stems and for what a passage counts in document
// frequencies, stands before every passage for the encoder, and its key is on every passage.
//
// One encoder a thread; made from a collection's DocumentSide. Results do not depend on which
// documents are encoded together.

#ifndef FORAKER_RETRIEVAL_DOCUMENT_ENCODER_H_
#define FORAKER_RETRIEVAL_DOCUMENT_ENCODER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/segment/document.h"
#include "retrieval/loaded_encoder.h"
#include "retrieval/name_term.h"
#include "retrieval/settings.h"

namespace foraker::retrieval {

class DocumentEncoder {
 public:
  using NameTerm = retrieval::NameTerm;

  struct Outcome {
    absl::Status error;           // the document's fault (kInvalidArgument); it has no passages
    uint64_t dropped_tokens = 0;  // that the encoder had no room for
  };

  // `encoder` as the settings name it; shared with other encoders.
  static absl::StatusOr<std::unique_ptr<DocumentEncoder>> Create(const DocumentSide& settings,
                                                                 LoadedEncoder encoder = {});
  virtual ~DocumentEncoder() = default;

  // Fills each document's passages from its title and text, and `outcomes`, one a document.
  // `name_term` (may be null) is called once a document for each term whose key is hashed. After an
  // error, which is no document's fault, the documents are in no defined state.
  virtual absl::Status Encode(std::span<index::Document* const> documents,
                              const NameTerm& name_term, std::vector<Outcome>& outcomes) = 0;

  // One document; its fault is returned too.
  absl::Status Encode(index::Document& document, const NameTerm& name_term);
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_DOCUMENT_ENCODER_H_
