// Copies of directories that appear whole or not at all.

#ifndef FORAKER_SERVICES_CLI_COPY_DIRECTORY_H_
#define FORAKER_SERVICES_CLI_COPY_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"

namespace foraker::cli {

// Copies `from` with everything in it to `to`, on the disk when it returns. kAlreadyExists when
// `to` is there; a copy that fails leaves nothing.
absl::Status CopyDirectory(const std::string& from, const std::string& to);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_COPY_DIRECTORY_H_
