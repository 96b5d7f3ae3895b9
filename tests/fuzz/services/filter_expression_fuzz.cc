#include <cstddef>
#include <cstdint>
#include <string_view>

#include "services/cli/filter_expression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static_cast<void>(
      foraker::cli::ParseFilter(std::string_view(reinterpret_cast<const char*>(data), size)));
  return 0;
}
