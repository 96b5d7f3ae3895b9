// The types of a collection's fields: declared, found in its segments, or fixed by the first value
// that comes. One thread. Errors are kInvalidArgument and name the field.

#ifndef FORAKER_RETRIEVAL_INGEST_FIELD_SCHEMA_H_
#define FORAKER_RETRIEVAL_INGEST_FIELD_SCHEMA_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "index/collection/snapshot.h"
#include "index/segment/document.h"

namespace foraker::retrieval {

class FieldSchema {
 public:
  // Fixes a type. Refused when the field has another one.
  absl::Status Declare(const std::string& field, index::FieldType type);

  // Declares the fields of every segment.
  absl::Status DeclareAll(const index::Snapshot& snapshot);

  // Makes the document's values those of the schema (integers become reals, strings timestamps) and
  // fixes the types of fields that are new. A refused document changes nothing.
  absl::Status Conform(index::Document& document);

  const std::map<std::string, index::FieldType>& types() const { return types_; }

 private:
  std::map<std::string, index::FieldType> types_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_FIELD_SCHEMA_H_
