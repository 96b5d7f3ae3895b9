// Any bytes as a segment file: opened and read to the last answer. Checksums count as right in this
// build (index/segment/section_file.cc), so that the decoders behind them are reached.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "../index/read_everything.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"

using foraker::index::ReadEverything;
using foraker::index::Segment;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const foraker::base::FileDescriptor file(memfd_create("segment", MFD_CLOEXEC));
  if (file.get() < 0) std::abort();
  if (write(file.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  const auto segment = Segment::Open(absl::StrCat("/proc/self/fd/", file.get()));
  if (!segment.ok()) return 0;
  static_cast<void>(ReadEverything(*segment).status());
  static_cast<void>((*segment)->Verify());
  return 0;
}
