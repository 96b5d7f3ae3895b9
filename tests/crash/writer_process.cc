#include "tests/crash/writer_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "tests/faults/fault_rules.h"

namespace foraker::crash {
namespace {

constexpr int kPipe = 3;  // of crash_writer
constexpr size_t kRequestsKept = 30;

// What the end of an operation makes of the state.
void Apply(const Pending& done, std::vector<uint64_t> versions, State& state) {
  if (done.op == "delete") {
    state.erase(done.name);
  } else if (done.op == "attach") {
    const std::string group = ShardGroup(std::stoi(done.name));
    state[group] = {1, 0, std::vector<uint64_t>(Members(group).size(), 1)};
  } else {
    state[done.name] = {done.content, done.tag, std::move(versions)};
  }
}

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments,
                            const std::vector<std::string>& environment, int output) {
  const auto pointers = [](const std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
    result.push_back(nullptr);
    return result;
  };
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, kPipe);
  pid_t child = 0;
  const int error = posix_spawn(&child, arguments[0].c_str(), &actions, nullptr,
                                pointers(arguments).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::InternalError(absl::StrCat("cannot start ", arguments[0]));
  return child;
}

std::vector<std::string> Environment(const std::string& rules, const std::string& report) {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!absl::StartsWith(*variable, "FORAKER_FAULTS")) environment.emplace_back(*variable);
  }
  environment.push_back("FORAKER_FAULTS=" + rules);
  environment.push_back("FORAKER_FAULTS_REPORT=" + report);
  return environment;
}

// Reads lines until the other end is closed; kills `child` at `deadline`.
absl::Status Listen(int pipe, pid_t child, absl::Time deadline, Expected& expected) {
  std::string text;
  bool killed = false;
  while (true) {
    pollfd ready{pipe, POLLIN, 0};
    const absl::Duration left = deadline - absl::Now();
    const int timeout = killed ? -1 : static_cast<int>(absl::ToInt64Milliseconds(left));
    if (!killed && (left <= absl::ZeroDuration() || poll(&ready, 1, timeout) == 0)) {
      kill(child, SIGKILL);
      killed = true;
      continue;
    }
    char piece[65536];
    const ssize_t length = read(pipe, piece, sizeof(piece));
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return absl::OkStatus();
    text.append(piece, static_cast<size_t>(length));
    size_t begin = 0;
    for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      RETURN_IF_ERROR(expected.Hear(text.substr(begin, end - begin)));
    }
    text.erase(0, begin);
  }
}

}  // namespace

absl::Status Expected::Hear(const std::string& line) {
  std::istringstream words(line);
  int thread = -1;
  std::string verb;
  words >> thread >> verb;
  if (verb == "begin") {
    Pending begun;
    words >> begun.op >> begun.name >> begun.content >> begun.tag >> begun.request;
    if (begun.request == "-") begun.request.clear();
    pending[thread] = begun;
    return absl::OkStatus();
  }
  const auto found = pending.extract(thread);
  if (found.empty()) return absl::InternalError(absl::StrCat("crash_writer said: ", line));
  const Pending& done = found.mapped();
  if (verb == "refused") return absl::OkStatus();
  if (done.op == "flush" || done.op == "compact") return absl::OkStatus();
  if (done.op == "drop") {
    snapshots.erase(done.name);
    return absl::OkStatus();
  }
  std::vector<uint64_t> numbers;
  for (uint64_t number; words >> number;) numbers.push_back(number);
  if (done.op == "snapshot") {
    snapshots[done.name] = numbers.at(0);
    return absl::OkStatus();
  }
  ++acknowledged;
  const uint64_t sequence = numbers.empty() ? 0 : numbers[0];
  if (!numbers.empty()) numbers.erase(numbers.begin());
  if (!done.request.empty()) {
    requests.push_back({done.request, seed, sequence, numbers});
    if (requests.size() > kRequestsKept) requests.erase(requests.begin());
  }
  Apply(done, std::move(numbers), state);
  return absl::OkStatus();
}

absl::StatusOr<KilledRun> RunUntilKilled(const std::string& data_dir, const std::string& shards,
                                         const std::string& scratch, uint64_t seed,
                                         const std::string& rules, absl::Duration time,
                                         Expected& expected) {
  expected.seed = seed;
  const std::string report = scratch + "/report";
  RETURN_IF_ERROR(base::RemoveFile(report));
  FaultRules faults(scratch + "/rules");
  if (!rules.empty()) faults.Set(rules);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return base::SystemError("cannot make", "a pipe");
  const base::FileDescriptor reading(ends[0]);
  pid_t child = 0;
  {
    const base::FileDescriptor writing(ends[1]);
    ASSIGN_OR_RETURN(child, Spawn({FORAKER_CRASH_WRITER, data_dir, shards, absl::StrCat(seed)},
                                  Environment(scratch + "/rules", report), writing.get()));
  }
  const absl::Status heard = Listen(reading.get(), child, absl::Now() + time, expected);
  if (!heard.ok()) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  RETURN_IF_ERROR(heard);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
    return absl::InternalError(absl::StrCat("crash_writer ended with status ", status));
  }
  KilledRun run;
  run.report = base::ReadFile(report).value_or("");
  run.by_fault = !run.report.empty();
  return run;
}

}  // namespace foraker::crash
