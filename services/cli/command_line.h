// The `foraker` command line: parses arguments, runs one command, returns the exit code.
//
//   0  done
//   1  the work failed
//   2  the arguments or the input were wrong
//
// Results go to standard output; everything else (progress, warnings, the one line of an error,
// which begins with "foraker: ") to standard error.

#ifndef FORAKER_SERVICES_CLI_COMMAND_LINE_H_
#define FORAKER_SERVICES_CLI_COMMAND_LINE_H_

namespace foraker::cli {

int RunCommandLine(int argc, const char* const* argv);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_COMMAND_LINE_H_
