#include "services/cli/llm_options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "agent/llm/chat_client.h"
#include "agent/llm/examples.h"
#include "base/file.h"
#include "base/status.h"

namespace foraker::cli {

void LlmFlags::AddTo(CLI::App& command, const std::string& group) {
  command
      .add_option("--llm-url", url_,
                  "Chat endpoint of a language model, as in http://127.0.0.1:8000/v1; its key is "
                  "read from FORAKER__LLM__API_KEY")
      ->type_name("URL")
      ->group(group);
  command.add_option("--llm-model", model_, "The model, as the endpoint names it")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--llm-examples", examples_, "Examples of the planner's prompt [built in]")
      ->type_name("FILE")
      ->group(group);
}

absl::StatusOr<std::unique_ptr<agent::ChatModel>> LlmFlags::Open() const {
  if (url_.empty()) return nullptr;
  agent::ChatClientOptions options;
  options.url = url_;
  options.model = model_;
  if (const char* key = std::getenv("FORAKER__LLM__API_KEY")) options.api_key = key;
  absl::StatusOr<std::unique_ptr<agent::ChatClient>> client =
      agent::ChatClient::Make(std::move(options));
  if (!client.ok()) return base::Annotate(client.status(), "--llm-url, --llm-model");
  return *std::move(client);
}

absl::Status LlmFlags::ApplyTo(agent::AgentOptions& options) const {
  options.chat_model = model_;
  if (examples_.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(options.examples, base::ReadFile(examples_));
  return agent::ParseExamples(options.examples, examples_).status();
}

}  // namespace foraker::cli
