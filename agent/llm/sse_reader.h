// Reads server-sent events (WHATWG HTML 9.2.6) from bytes that arrive in pieces of any size.
//
//   ": comment\n"  "data: {...}\n" "data: more\n" "\n"   ─►   "{...}\nmore"
//
// Lines end in \n, \r\n or \r; an event ends at an empty line, and one that never does is dropped.
// Only `data` is looked at. One thread. Errors: kDataLoss for an event above the limit; nothing is
// read after an error.

#ifndef FORAKER_AGENT_LLM_SSE_READER_H_
#define FORAKER_AGENT_LLM_SSE_READER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace foraker::agent {

class SseReader {
 public:
  static constexpr size_t kMaxEventBytes = size_t{1} << 20;

  // Gets the data of each event; what it returns other than OK ends the reading.
  using OnData = std::function<absl::Status(std::string_view data)>;
  explicit SseReader(OnData on_data) : on_data_(std::move(on_data)) {}

  absl::Status Feed(std::string_view bytes);

 private:
  absl::Status EndLine();

  OnData on_data_;
  std::string line_, data_;
  bool has_data_ = false;      // a field of the event has come, perhaps empty
  bool first_line_ = true;     // may begin with a byte order mark
  bool after_return_ = false;  // the last byte was \r: a \n belongs to it
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_LLM_SSE_READER_H_
