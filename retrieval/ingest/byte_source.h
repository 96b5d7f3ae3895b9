// The bytes of an input, decompressed: a file or standard input, plain, gzip or zstd, told by the
// first bytes. Several gzip members or zstd frames in a row are read as one stream.
//
// One thread. Errors: kNotFound and the like name the file; kDataLoss says that the compressed
// stream is broken or ends early, and after how many decompressed bytes.

#ifndef FORAKER_RETRIEVAL_INGEST_BYTE_SOURCE_H_
#define FORAKER_RETRIEVAL_INGEST_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace foraker::retrieval {

class ByteSource {
 public:
  // "-" is standard input.
  static absl::StatusOr<std::unique_ptr<ByteSource>> Open(const std::string& path);
  virtual ~ByteSource() = default;

  // Fills `out`, but for the end of the input: fewer bytes mean that it is reached.
  virtual absl::StatusOr<size_t> Read(std::span<char> out) = 0;

  // Bytes taken from the file so far, as it lies on disk.
  virtual uint64_t bytes_consumed() const = 0;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_BYTE_SOURCE_H_
