// Arbitrary input files of a batch build. Input: a byte for the size of the reading steps, then the
// file, plain or compressed. Every line is read as text and as a vector.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/sparse_vector.h"
#include "retrieval/ingest/document_parser.h"
#include "retrieval/ingest/field_schema.h"
#include "retrieval/ingest/line_reader.h"

namespace foraker::retrieval {
namespace {

// What is read from a line is what a segment would take.
void Check(const index::Document& document) {
  if (document.id.empty() || document.id.size() > 512) std::abort();
  for (const index::Passage& passage : document.passages) {
    if (!index::Validate(passage.vector.view()).ok()) std::abort();
    if (passage.text_end > document.text.size()) std::abort();
  }
  for (const index::Field& field : document.fields) {
    if (field.values.empty()) std::abort();
  }
}

void ReadAll(const std::string& path, size_t step) {
  DocumentParser texts(InputKind::kText, /*drop_small_weights=*/false);
  DocumentParser vectors(InputKind::kVectors, /*drop_small_weights=*/true);
  FieldSchema schema;
  LineReader reader({path});
  uint64_t bytes = 0;
  while (true) {
    const absl::StatusOr<std::optional<LineBatch>> batch = reader.Next(step);
    if (!batch.ok() || !batch->has_value()) return;
    for (const Line& line : (*batch)->lines) {
      for (DocumentParser* parser : {&texts, &vectors}) {
        absl::StatusOr<index::Document> document = parser->Parse(line.text, nullptr);
        if (!document.ok()) continue;
        Check(*document);
        schema.Conform(*document).IgnoreError();
      }
    }
    bytes += (*batch)->bytes.size();
    if (bytes > (1 << 20)) return;  // a small file may hold very much when it is compressed
  }
}

}  // namespace
}  // namespace foraker::retrieval

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const int file = memfd_create("input", 0);
  if (file < 0 || write(file, data + 1, size - 1) != static_cast<ssize_t>(size - 1)) std::abort();
  foraker::retrieval::ReadAll(absl::StrCat("/proc/self/fd/", file), size_t{1} + data[0] * 16);
  close(file);
  return 0;
}
