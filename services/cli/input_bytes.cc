#include "services/cli/input_bytes.h"

#include <filesystem>
#include <system_error>

namespace foraker::cli {

uint64_t InputBytes(const std::vector<std::string>& inputs) {
  uint64_t total = 0;
  for (const std::string& input : inputs) {
    std::error_code error;
    const uint64_t bytes = std::filesystem::file_size(input, error);
    if (error) return 0;
    total += bytes;
  }
  return total;
}

}  // namespace foraker::cli
