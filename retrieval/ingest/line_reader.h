// The lines of several inputs, one after the other, in batches.
//
// Every line has an ordinal over all inputs and a hash chained over all lines up to it, so that a
// build can tell where it was and whether the input is still the same. Lines longer than
// kMaxLineBytes are passed on without their bytes. A byte order mark at the head of an input and a
// carriage return at a line's end are left out; blank lines count, but are not passed on.
//
// One thread. Errors are those of ByteSource.

#ifndef FORAKER_RETRIEVAL_INGEST_LINE_READER_H_
#define FORAKER_RETRIEVAL_INGEST_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "retrieval/ingest/byte_source.h"

namespace foraker::retrieval {

inline constexpr size_t kMaxLineBytes = size_t{64} << 20;

// A place in the input: after `lines` lines, whose chained hash is `hash`.
struct InputPosition {
  uint64_t lines = 0;
  uint64_t hash = 0;

  friend bool operator==(const InputPosition&, const InputPosition&) = default;
};

struct Line {
  uint32_t file = 0;    // which input
  uint64_t number = 0;  // in the file, from 1
  InputPosition end;    // after this line; end.lines is the line's ordinal, from 1
  bool too_long = false;
  std::string_view text;  // in its batch's bytes
};

// Lines and the memory they point into. At least kPaddingBytes readable bytes follow every line.
struct LineBatch {
  static constexpr size_t kPaddingBytes = 64;

  std::vector<char> bytes;
  std::vector<Line> lines;
  InputPosition end;            // after everything read so far, blank lines included
  uint64_t bytes_consumed = 0;  // of all inputs, as they lie on disk, up to the end of this batch
};

class LineReader {
 public:
  explicit LineReader(std::vector<std::string> inputs);

  // Passes over the lines up to `position`, but for those with an ordinal of `wanted` (ascending).
  // Call it before the first Next; Next says kFailedPrecondition when the input is another one.
  void SkipTo(InputPosition position, std::vector<uint64_t> wanted);

  // The next batch, of about `target_bytes`; nothing at the end of the last input.
  absl::StatusOr<std::optional<LineBatch>> Next(size_t target_bytes);

  // Next returns these first. They must be what it returned last.
  void PutBack(std::deque<LineBatch> batches);

 private:
  absl::Status Fill(size_t target_bytes, LineBatch& batch);
  absl::Status OpenNext();
  absl::Status SkipRestOfLine();
  absl::Status AddLine(std::string_view text, LineBatch& batch);

  std::vector<std::string> inputs_;
  size_t next_input_ = 0;  // the open one is the one before
  std::unique_ptr<ByteSource> source_;
  uint64_t consumed_before_ = 0;  // bytes of the inputs that are done
  uint64_t line_number_ = 0;
  std::vector<char> rest_;  // the beginning of a line that was read with the last batch
  bool at_head_ = true;     // nothing of this input has been passed on

  InputPosition position_;
  InputPosition skip_to_;
  std::vector<uint64_t> wanted_;
  size_t next_wanted_ = 0;
  std::deque<LineBatch> put_back_;
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_INGEST_LINE_READER_H_
