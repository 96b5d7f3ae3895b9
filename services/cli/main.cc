#include "services/cli/command_line.h"

int main(int argc, char** argv) { return foraker::cli::RunCommandLine(argc, argv); }
