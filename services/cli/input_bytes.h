// How much there is to read, for progress.

#ifndef FORAKER_SERVICES_CLI_INPUT_BYTES_H_
#define FORAKER_SERVICES_CLI_INPUT_BYTES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace foraker::cli {

// Bytes of the inputs as they lie on disk; 0 when one of them has no size to tell.
uint64_t InputBytes(const std::vector<std::string>& inputs);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_INPUT_BYTES_H_
