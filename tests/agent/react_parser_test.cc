#include "agent/llm/react_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace foraker::agent {
namespace {

using testing::HasSubstr;

ReactStep Parse(std::string_view reply, bool may_finish = true) {
  absl::StatusOr<ReactStep> step = ParseReactReply(reply, may_finish);
  EXPECT_TRUE(step.ok()) << reply << "\n" << step.status();
  return step.ok() ? *std::move(step) : ReactStep();
}

std::string ErrorOf(std::string_view reply, bool may_finish = true) {
  const absl::StatusOr<ReactStep> step = ParseReactReply(reply, may_finish);
  EXPECT_FALSE(step.ok()) << reply;
  EXPECT_EQ(step.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(step.status().message());
}

TEST(ReactParserTest, ReadsWhatItAsksFor) {
  const ReactStep search = Parse(
      "Thought: Ann directed it. Where was she born?\nTool Name: AdvancedSearch\n"
      "Tool Args: {\"search_query\": \"Ann \\\"Annie\\\" Lee birthplace\"}");
  EXPECT_EQ(search.thought, "Ann directed it. Where was she born?");
  EXPECT_EQ(search.tool, Tool::kSearch);
  EXPECT_EQ(search.query, "Ann \"Annie\" Lee birthplace");
  EXPECT_TRUE(search.strict);

  const ReactStep finish = Parse("Thought: Done.\nTool Name: finish\nTool Args: {}\n");
  EXPECT_EQ(finish.thought, "Done.");
  EXPECT_EQ(finish.tool, Tool::kFinish);
  EXPECT_TRUE(finish.strict);
}

TEST(ReactParserTest, ReadsWhatItWrites) {
  for (const char* text : {"plain", "with \"quotes\" and \\ and {braces}", "ö, 日本"}) {
    for (const Tool tool : {Tool::kSearch, Tool::kFinish}) {
      const ReactStep step = Parse(FormatReactStep("I think.", tool, text));
      EXPECT_EQ(step.thought, "I think.");
      EXPECT_EQ(step.tool, tool);
      EXPECT_EQ(step.query, tool == Tool::kSearch ? text : "");
      EXPECT_TRUE(step.strict);
    }
  }
}

// Replies that are damaged beyond no doubt: all mean a search for "who wrote Dune".
TEST(ReactParserTest, RepairsASearch) {
  for (const char* reply : {
           // labels
           "thought: hm\ntool name: AdvancedSearch\ntool args: {\"search_query\": \"who wrote "
           "Dune\"}",
           "**Thought:** hm\n**Tool Name:** `AdvancedSearch`\n**Tool Args:** {\"search_query\": "
           "\"who wrote Dune\"}",
           "Thought 1: hm\nTool Name 1: AdvancedSearch\nTool Args 1: {\"search_query\": \"who "
           "wrote Dune\"}",
           "[[ ## next_thought ## ]]\nhm\n[[ ## next_tool_name ## ]]\nAdvancedSearch\n"
           "[[ ## next_tool_args ## ]]\n{\"search_query\": \"who wrote Dune\"}",
           "Thought: hm\nAction: search\nAction Input: who wrote Dune",
           "hm Tool Name: AdvancedSearch Tool Args: {\"search_query\": \"who wrote Dune\"}",
           "hm\nTool Args: {\"search_query\": \"who wrote Dune\"}\nTool Name: AdvancedSearch",
           // a name that is missing, or holds the arguments
           "Thought: hm\nTool Args: {\"search_query\": \"who wrote Dune\"}",
           "Thought: hm\nTool Name: AdvancedSearch{\"search_query\": \"who wrote Dune\"}",
           "Thought: hm\nTool Name: AdvancedSearch(search_query=\"who wrote Dune\")",
           "Thought: hm\nTool Name: AdvancedSearch[who wrote Dune]",
           "Thought: hm\nTool Name: AdvancedSearch\n{\"search_query\": \"who wrote Dune\"}",
           "Thought: hm\nTool Name: advanced_search.\nTool Args: \"who wrote Dune\"",
           // objects that are almost JSON
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {'search_query': 'who wrote Dune'}",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": \"who wrote "
           "Dune\",}",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: ```json\n{\"search_query\": \"who "
           "wrote Dune\"}\n```",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {search_query: who wrote Dune}",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": \"who wrote\n"
           "Dune\"}",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": \"who wrote Dune",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {“search_query”: “who wrote Dune”}",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"query\": \"who wrote Dune\"}",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"k\": 3, \"search_query\": \"who "
           "wrote Dune\", \"filter\": {\"a\": [1]}, }",
           // more than one step, and what nobody asked for
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": \"who wrote "
           "Dune\"}\nObservation: {\"passages_this_hop\": []}\nThought: done\nTool Name: finish",
           "Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": \"who wrote "
           "Dune\"}\n\nThought: next\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": "
           "\"else\"}",
           "<think>Shall I finish?\nTool Name: finish</think>Thought: hm\nTool Name: "
           "AdvancedSearch\nTool Args: {\"search_query\": \"who wrote Dune\"}",
           // one object
           "{\"thought\": \"hm\", \"tool_name\": \"AdvancedSearch\", \"tool_args\": "
           "{\"search_query\": \"who wrote Dune\"}}",
           "hm <tool_call>{\"name\": \"AdvancedSearch\", \"arguments\": {\"search_query\": \"who "
           "wrote Dune\"}}</tool_call>",
           "hm\n```json\n{\"search_query\": \"who wrote Dune\"}\n```",
       }) {
    const ReactStep step = Parse(reply);
    EXPECT_EQ(step.tool, Tool::kSearch) << reply;
    EXPECT_EQ(step.query, "who wrote Dune") << reply;
    EXPECT_THAT(step.thought, testing::StartsWith("hm")) << reply;
    EXPECT_FALSE(step.strict) << reply;
  }
}

TEST(ReactParserTest, RepairsAnEnd) {
  for (const char* reply :
       {"Thought: hm\nTool Name: finish", "Thought: hm\nTool Name: Finish[]\nTool Args: none",
        "Thought: hm\nAction: finish()", "hm\nTool Name: finish{}",
        "Thought: hm\nTool Name: finish\nTool Args: {\"answer\": \"Frank Herbert\"}",
        "{\"thought\": \"hm\", \"tool_name\": \"finish\", \"tool_args\": {}}"}) {
    const ReactStep step = Parse(reply);
    EXPECT_EQ(step.tool, Tool::kFinish) << reply;
    EXPECT_EQ(step.thought, "hm") << reply;
    EXPECT_FALSE(step.strict) << reply;
  }
}

TEST(ReactParserTest, KeepsQuotesInsideAQuery) {
  EXPECT_EQ(Parse("Tool Args: {\"search_query\": \"who sang \"Hello\" first\"}").query,
            "who sang \"Hello\" first");
  EXPECT_EQ(Parse("Tool Args: {'search_query': 'Grey's Anatomy cast'}").query,
            "Grey's Anatomy cast");
}

TEST(ReactParserTest, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("names no tool"));
  EXPECT_THAT(ErrorOf("The answer is Frank Herbert."), HasSubstr("names no tool"));
  EXPECT_THAT(ErrorOf("<think>I wonder"), HasSubstr("names no tool"));
  EXPECT_THAT(ErrorOf("Thought: hm\nTool Name: Calculator\nTool Args: {\"x\": \"1+1\"}"),
              HasSubstr("there is no tool \"Calculator\""));
  EXPECT_THAT(ErrorOf("Thought: hm\nTool Name: AdvancedSearch\nTool Args: {}"),
              HasSubstr("has no search_query"));
  EXPECT_THAT(ErrorOf("Thought: hm\nTool Name: AdvancedSearch\nTool Args: {\"search_query\": 3}"),
              HasSubstr("has no search_query"));
  EXPECT_THAT(ErrorOf("Thought: hm\nTool Name: AdvancedSearch\nTool Args: " +
                      std::string(kMaxQueryBytes + 1, 'x')),
              HasSubstr("longer than 1000 bytes"));
}

TEST(ReactParserTest, NamesTheToolsThatThereAre) {
  EXPECT_THAT(ErrorOf("hm"), HasSubstr("AdvancedSearch or finish"));
  EXPECT_THAT(
      ErrorOf("Tool Name: finish\nTool Args: {}", /*may_finish=*/false),
      testing::AllOf(HasSubstr("finish is not a tool here"), HasSubstr("with AdvancedSearch and")));
}

TEST(ReactParserTest, CutsALongThought) {
  const ReactStep step =
      Parse("Thought: " + std::string(10'000, 'x') + "\nTool Name: finish\nTool Args: {}");
  EXPECT_EQ(step.thought.size(), kMaxThoughtBytes);
}

}  // namespace
}  // namespace foraker::agent
