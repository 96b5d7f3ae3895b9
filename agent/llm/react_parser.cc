#include "agent/llm/react_parser.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/llm/cut_text.h"
#include "agent/llm/reply_sections.h"
#include "agent/llm/tool_args.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

enum Label { kNone, kThought, kToolName, kToolArgs, kObservation };

constexpr ReplyLabel kLabels[] = {
    {kThought, "thought"},         {kThought, "next_thought"},    {kToolName, "tool name"},
    {kToolName, "tool_name"},      {kToolName, "next_tool_name"}, {kToolName, "tool"},
    {kToolName, "action"},         {kToolArgs, "tool args"},      {kToolArgs, "tool_args"},
    {kToolArgs, "next_tool_args"}, {kToolArgs, "tool arguments"}, {kToolArgs, "action input"},
    {kToolArgs, "arguments"},      {kToolArgs, "args"},           {kObservation, "observation"}};

// A reply's parts before they are understood.
struct RawStep {
  std::string thought, name, args;
  bool strict = true;
};

bool IsCanonical(const ReplySection& section) {
  return section.label == "Thought:" || section.label == "Tool Name:" ||
         section.label == "Tool Args:";
}

RawStep FirstStep(const std::vector<ReplySection>& sections) {
  RawStep step;
  bool has_name = false, has_args = false;
  for (const ReplySection& section : sections) {
    const bool second =
        (section.id == kThought && (has_name || has_args)) || (section.id == kToolName && has_name);
    if (second || section.id == kObservation) {
      step.strict = false;
      break;
    }
    if (!IsCanonical(section) || (section.id == kToolName && has_args)) step.strict = false;
    if (section.id == kToolName) {
      has_name = true;
      step.name = section.text;
    } else if (section.id == kToolArgs) {
      has_args = true;
      if (step.args.empty()) step.args = section.text;
    } else {
      if (!step.thought.empty()) step.strict = false;
      absl::StrAppend(&step.thought, step.thought.empty() ? "" : "\n", base::ToAbsl(section.text));
    }
  }
  return step;
}

// A step without labels: one JSON object, perhaps behind a thought.
std::optional<RawStep> StepOfObject(std::string_view reply) {
  const size_t open = reply.find('{');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view object = reply.substr(open);
  const std::optional<ToolArgs> members = ReadToolArgs(object);
  if (!members.has_value()) return std::nullopt;
  RawStep step;
  step.strict = false;
  step.thought = StripMarks(reply.substr(0, std::min(open, reply.find("```"))));
  for (const char* name : {"thought", "next_thought", "reasoning"}) {
    if (const std::string* value = members->Find(name); value != nullptr) step.thought = *value;
  }
  for (const char* name : {"tool_name", "next_tool_name", "tool", "name", "action", "Tool Name"}) {
    if (const std::string* value = members->Find(name); value != nullptr) step.name = *value;
  }
  step.args = object;
  for (const char* name : {"tool_args", "arguments", "args", "parameters", "action_input"}) {
    const size_t at = object.find(absl::StrCat("\"", name, "\""));
    if (at != std::string_view::npos) step.args = object.substr(at);
  }
  return step;
}

RawStep ReadRawStep(std::string_view reply) {
  const auto has_tool = [](const std::vector<ReplySection>& sections) {
    return std::any_of(sections.begin(), sections.end(), [](const ReplySection& section) {
      return section.id == kToolName || section.id == kToolArgs;
    });
  };
  if (const auto sections = SplitReply(reply, kLabels); has_tool(sections)) {
    return FirstStep(sections);
  }
  // All in one line?
  const std::string lines = absl::StrReplaceAll(
      base::ToAbsl(reply), {{"Tool Name:", "\nTool Name:"}, {"Tool Args:", "\nTool Args:"}});
  if (const auto sections = SplitReply(lines, kLabels); has_tool(sections)) {
    RawStep step = FirstStep(sections);
    step.strict = false;
    return step;
  }
  if (std::optional<RawStep> step = StepOfObject(reply); step.has_value()) return *step;
  RawStep step = FirstStep(SplitReply(reply, kLabels));
  step.strict = false;
  return step;
}

// "AdvancedSearch(search_query='x')" and a name with its arguments on the next line hold both.
void SplitName(RawStep& step) {
  const size_t end = std::min(step.name.find_first_of("{([\n"), step.name.size());
  if (step.args.empty()) step.args = StripMarks(std::string_view(step.name).substr(end));
  if (end != step.name.size()) step.strict = false;
  step.name = std::string(StripMarks(std::string_view(step.name).substr(0, end)));
}

// Null: no such tool.
std::optional<Tool> ToolNamed(std::string_view name) {
  std::string letters;
  for (const char byte : name) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(byte))) {
      letters.push_back(absl::ascii_tolower(static_cast<unsigned char>(byte)));
    }
  }
  if (letters.starts_with("finish")) return Tool::kFinish;
  if (absl::StrContains(letters, "search")) return Tool::kSearch;
  return std::nullopt;
}

// One line, single spaces.
std::string OneLine(std::string_view text) {
  std::string line(text);
  const auto is_space = [](unsigned char byte) { return absl::ascii_isspace(byte); };
  std::replace_if(line.begin(), line.end(), is_space, ' ');
  absl::RemoveExtraAsciiWhitespace(&line);
  return line;
}

std::string QueryOf(RawStep& step) {
  const std::optional<ToolArgs> args = ReadToolArgs(step.args);
  if (!args.has_value()) {
    // The query itself, without an object around it.
    step.strict = false;
    std::string_view text = step.args;
    if (text.starts_with("```")) text.remove_prefix(std::min(text.find('\n'), text.size()));
    text = StripMarks(text);
    text = StripMarks(text.substr(0, text.find('\n')));
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    return OneLine(StripMarks(text));
  }
  if (!args->strict) step.strict = false;
  if (const std::string* query = args->Find(kQueryArgument); query != nullptr) {
    return OneLine(*query);
  }
  step.strict = false;
  for (const char* name : {"query", "search query", "q", "input", "question"}) {
    if (const std::string* query = args->Find(name); query != nullptr) return OneLine(*query);
  }
  return args->members.size() == 1 ? OneLine(args->members.front().second) : std::string();
}

absl::Status Expected(std::string_view problem, bool may_finish) {
  return absl::InvalidArgumentError(absl::StrCat(
      base::ToAbsl(problem), ". Expected a line \"Tool Name: \" with ", base::ToAbsl(kSearchTool),
      may_finish ? absl::StrCat(" or ", base::ToAbsl(kFinishTool)) : "",
      " and a line \"Tool Args: \" with a JSON object, such as {\"", base::ToAbsl(kQueryArgument),
      "\": \"...\"}"));
}

}  // namespace

absl::StatusOr<ReactStep> ParseReactReply(std::string_view reply, bool may_finish) {
  const std::string_view said = AfterThinking(reply);
  RawStep raw = ReadRawStep(said);
  if (said.size() != reply.size()) raw.strict = false;
  SplitName(raw);

  ReactStep step;
  step.thought = std::string(CutText(OneLine(StripMarks(raw.thought)), kMaxThoughtBytes));
  std::optional<Tool> tool = ToolNamed(raw.name);
  if (!tool.has_value() && !raw.name.empty()) {
    return Expected(absl::StrCat("there is no tool \"", base::ToAbsl(CutText(raw.name, 40)), "\""),
                    may_finish);
  }
  if (tool == Tool::kFinish) {
    if (!may_finish) return Expected("finish is not a tool here: search on", may_finish);
    step.tool = Tool::kFinish;
    step.strict = raw.strict && raw.name == kFinishTool && raw.args == "{}";
    return step;
  }
  if (!tool.has_value() && !ReadToolArgs(raw.args).has_value()) {
    return Expected("the reply names no tool", may_finish);
  }
  step.query = QueryOf(raw);
  if (step.query.empty()) return Expected("the search has no search_query", may_finish);
  if (step.query.size() > kMaxQueryBytes) {
    return Expected(absl::StrCat("the search_query is longer than ", kMaxQueryBytes, " bytes"),
                    may_finish);
  }
  step.strict = raw.strict && raw.name == kSearchTool;
  return step;
}

std::string FormatReactStep(std::string_view thought, Tool tool, std::string_view query) {
  std::string args = "{}";
  if (tool == Tool::kSearch) {
    const nlohmann::json json = {{std::string(kQueryArgument), std::string(query)}};
    args = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return absl::StrCat("Thought: ", base::ToAbsl(thought), "\nTool Name: ",
                      base::ToAbsl(tool == Tool::kSearch ? kSearchTool : kFinishTool),
                      "\nTool Args: ", args);
}

}  // namespace foraker::agent
