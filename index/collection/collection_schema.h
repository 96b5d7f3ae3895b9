// What all documents of a collection must agree about, because any of its segments may be merged
// with any other: the type of each field, and the namespace whose terms are counted.
//
// A value type.

#ifndef FORAKER_INDEX_COLLECTION_COLLECTION_SCHEMA_H_
#define FORAKER_INDEX_COLLECTION_COLLECTION_SCHEMA_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "index/collection/snapshot.h"
#include "index/segment/document.h"

namespace foraker::index {

class CollectionSchema {
 public:
  CollectionSchema() = default;
  explicit CollectionSchema(const Snapshot& snapshot);

  // kInvalidArgument names the document, and the field with its type and the one that was given.
  absl::Status Check(const Document& document) const;
  // Declares what a document that has passed Check brings.
  void Add(const Document& document);

 private:
  std::map<std::string, FieldType, std::less<>> fields_;
  bool any_documents_ = false;
  std::optional<TermNamespace> counted_;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_COLLECTION_COLLECTION_SCHEMA_H_
