// What tests of the batch build need: a directory of their own, inputs made from a seed, a build
// with few words, and the published files as one comparable value.

#ifndef FORAKER_TESTS_RETRIEVAL_INGEST_INPUTS_H_
#define FORAKER_TESTS_RETRIEVAL_INGEST_INPUTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/store/catalog.h"
#include "retrieval/ingest/batch_build.h"
#include "tests/support/temporary_directory.h"

namespace foraker::retrieval {

class IngestDirectory {
 public:
  std::string Path(std::string_view name) const;
  // Writes a file; returns its path. The second one compresses it.
  std::string Write(std::string_view name, std::string_view contents) const;
  std::string WriteGzip(std::string_view name, std::string_view contents) const;

 private:
  const TemporaryDirectory directory_;
};

struct LineShape {
  size_t lines = 1000;
  size_t distinct_ids = 1000;  // fewer than lines: ids come again
  size_t words = 60;
};

// JSON lines with _id, title, text and fields of several types.
std::string RandomLines(uint64_t seed, const LineShape& shape);

std::unique_ptr<index::Catalog> OpenToWrite(const std::string& dir);

// A build of `collection` "c" in `dir` with the least memory; `errors` (may be null) takes lines.
BatchBuildOptions BuildOf(const std::vector<std::string>& inputs);
absl::StatusOr<BatchBuildResult> Build(const std::string& dir, const BatchBuildOptions& options);

// File names and contents of the collection's generation, and its record under "".
std::map<std::string, std::string> Published(const std::string& dir);

}  // namespace foraker::retrieval

#endif  // FORAKER_TESTS_RETRIEVAL_INGEST_INPUTS_H_
