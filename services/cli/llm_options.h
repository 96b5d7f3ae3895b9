// The options that name a language model behind a chat endpoint. Its key comes from the environment
// (FORAKER__LLM__API_KEY, the name that a server's settings give it), never from the command line,
// which other users can see.

#ifndef FORAKER_SERVICES_CLI_LLM_OPTIONS_H_
#define FORAKER_SERVICES_CLI_LLM_OPTIONS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/llm/chat.h"
#include "agent/local_agent.h"

namespace CLI {
class App;
}

namespace foraker::cli {

class LlmFlags {
 public:
  void AddTo(CLI::App& command, const std::string& group);

  bool any() const { return !url_.empty() || !model_.empty() || !examples_.empty(); }
  // Null without --llm-url. Connects to nothing.
  absl::StatusOr<std::unique_ptr<agent::ChatModel>> Open() const;
  // The model's name and the examples of its prompt.
  absl::Status ApplyTo(agent::AgentOptions& options) const;

 private:
  std::string url_, model_;
  std::string examples_;  // a file
};

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_LLM_OPTIONS_H_
