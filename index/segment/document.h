// What a document is to the index: an id, opaque title and text, typed fields, and the vectors of
// its passages. The index never interprets the text.

#ifndef FORAKER_INDEX_SEGMENT_DOCUMENT_H_
#define FORAKER_INDEX_SEGMENT_DOCUMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "index/sparse_vector.h"

namespace foraker::index {

using DocId = uint32_t;      // ordinal of a document in its segment
using PassageId = uint32_t;  // ordinal of a passage in its segment; a document's are contiguous

// On disk: numbers are never reused.
enum class FieldType : uint8_t {
  kKeyword = 1,
  kInteger = 2,
  kReal = 3,
  kBoolean = 4,
  kTimestamp = 5,  // microseconds since the epoch, UTC
};

std::string_view FieldTypeName(FieldType type);

// A timestamp is held apart from an integer.
struct Timestamp {
  int64_t micros;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};
using FieldValue = std::variant<std::string, int64_t, double, bool, Timestamp>;

FieldType TypeOf(const FieldValue& value);

// A field of one document; several values are a repeated field. All of one type.
struct Field {
  std::string name;
  std::vector<FieldValue> values;
};

struct Passage {
  SparseVector vector;
  // Terms of the document's counted namespace, ascending, that the passage counts for in document
  // frequencies.
  std::vector<TermKey> counted;
  uint32_t text_begin = 0;  // bytes into Document::text
  uint32_t text_end = 0;
};

struct Document {
  std::string id;        // 1-512 bytes
  uint64_t version = 0;  // the collection's sequence number of this write
  std::string title;
  std::string text;
  std::vector<Field> fields;
  // Terms of this namespace are counted by Passage::counted, all others by the vectors. The same
  // for all documents of a segment.
  std::optional<TermNamespace> counted_namespace;
  std::vector<Passage> passages;
};

}  // namespace foraker::index

#endif  // FORAKER_INDEX_SEGMENT_DOCUMENT_H_
