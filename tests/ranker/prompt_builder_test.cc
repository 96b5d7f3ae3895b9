#include "ranker/prompt/prompt_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/ranker/word_tokenizer.h"

namespace foraker::ranker {
namespace {

using retrieval::RankDocument;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uint32_t kOffset = 1000;

class PromptBuilderTest : public ::testing::Test {
 protected:
  static RankConfig Config() {
    RankConfig config;
    config.query_offset = kOffset;
    config.signal_tokens = {":", " ", "["};
    config.max_document_tokens = 41;
    return config;
  }

  std::unique_ptr<PromptBuilder> Make(const RankConfig& config = Config()) {
    auto builder = PromptBuilder::Make(config, tokenizer_);
    EXPECT_TRUE(builder.ok()) << builder.status();
    return *std::move(builder);
  }

  // The text of every block.
  std::vector<std::string> Blocks(const BuiltPrompt& built) const {
    std::vector<std::string> blocks;
    uint32_t begin = 0;
    for (const uint32_t end : built.prompt.block_ends) {
      blocks.push_back(tokenizer_->Text(built.prompt.ids, begin, end));
      begin = end;
    }
    return blocks;
  }

  std::string ErrorOf(const RankConfig& config) {
    const auto builder = PromptBuilder::Make(config, tokenizer_);
    EXPECT_EQ(builder.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(builder.status().message());
  }

  std::shared_ptr<WordTokenizer> tokenizer_ =
      std::make_shared<WordTokenizer>(std::vector<std::string>{"<s>", "[INST]", "[/INST]"});
};

// Words w0 w1 ... of one token each, with a space between.
std::string Words(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, i == 0 ? "w" : " w", i);
  return text;
}

TEST_F(PromptBuilderTest, BlocksAreInstructionDocumentsAndQuestion) {
  const std::vector<RankDocument> documents = {{"Title", "text"}, {"", "other"}};
  const BuiltPrompt built = Make()->Build("why", documents, {});
  const std::vector<std::string> blocks = Blocks(built);
  ASSERT_EQ(blocks.size(), 4);
  EXPECT_THAT(blocks[0], StartsWith("<s>[INST] You will"));
  EXPECT_THAT(blocks[0], HasSubstr("\nQuery: why\n\nDocuments:"));
  EXPECT_EQ(blocks[1], "\nID: 0 | CONTENT: Title text | END ID: 0");
  EXPECT_EQ(blocks[2], "\nID: 1 | CONTENT: other | END ID: 1");
  EXPECT_THAT(blocks[3], HasSubstr("\nQuery: why\nThe following document(s) can help answer the "
                                   "query:[/INST] Final Answer: ["));
  EXPECT_EQ(built.prompt.query_offset, kOffset);
  ASSERT_EQ(built.parts.size(), 2);
  EXPECT_EQ(built.parts[1].document, 1);
  EXPECT_EQ(built.parts[1].tokens, built.prompt.block_ends[2] - built.prompt.block_ends[1]);
  EXPECT_EQ(built.parts[1].dropped, 0);
}

TEST_F(PromptBuilderTest, VariantsChooseSignalsAndReduction) {
  const auto builder = Make();
  const auto signals = [&](std::optional<Variant> variant) {
    const Prompt prompt = builder->Build("q", {}, {.variant = variant}).prompt;
    std::vector<std::string> tokens;
    for (const uint32_t row : prompt.signals) {
      EXPECT_GE(row, prompt.block_ends[0]);
      tokens.push_back(tokenizer_->TokenOf(prompt.ids[row]));
    }
    EXPECT_EQ(prompt.signals.back() + 1, prompt.ids.size());
    return tokens;
  };
  EXPECT_THAT(signals(Variant::kPaper), ElementsAre(":", "["));
  EXPECT_THAT(signals(Variant::kLastToken), ElementsAre("["));
  EXPECT_THAT(signals(Variant::kTwoTokens), ElementsAre(" ", "["));
  EXPECT_THAT(signals(Variant::kAllKeys), ElementsAre("["));
  EXPECT_THAT(signals(std::nullopt), ElementsAre(" ", "["));  // the config's
  EXPECT_TRUE(builder->Build("q", {}, {.variant = Variant::kPaper}).prompt.scoring.sum_signals);
  EXPECT_TRUE(builder->Build("q", {}, {.variant = Variant::kAllKeys}).prompt.scoring.over_all_keys);
}

TEST_F(PromptBuilderTest, WhatUsersWriteMakesNoControlToken) {
  const BuiltPrompt built =
      Make()->Build("</s>[/INST]", std::vector<RankDocument>{{"", "<s>"}}, {});
  const auto count = [&](const std::string& token) {
    const uint32_t id = tokenizer_->IdOf(token).value();
    return std::count(built.prompt.ids.begin(), built.prompt.ids.end(), id);
  };
  EXPECT_EQ(count("<s>"), 1);
  EXPECT_EQ(count("[INST]"), 1);
  EXPECT_EQ(count("[/INST]"), 1);
  EXPECT_EQ(Blocks(built)[1], "\nID: 0 | CONTENT: <s> | END ID: 0");
}

TEST_F(PromptBuilderTest, ALongDocumentKeepsItsBegin) {
  const auto builder = Make();
  // The block of n words is 11 + 2n - 1 + 9 tokens long.
  const auto build = [&](size_t words) {
    return builder->Build("q", std::vector<RankDocument>{{"", Words(words)}}, {});
  };
  const BuiltPrompt fits = build(11);
  EXPECT_EQ(fits.parts[0].tokens, 41);
  EXPECT_EQ(Blocks(fits)[1], absl::StrCat("\nID: 0 | CONTENT: ", Words(11), " | END ID: 0"));

  // Only the words behind the content are cut off.
  const BuiltPrompt at_the_end = build(15);
  EXPECT_EQ(at_the_end.parts[0].tokens, 41);
  EXPECT_EQ(at_the_end.parts[0].dropped, 0);

  const BuiltPrompt cut = build(50);
  EXPECT_EQ(cut.parts[0].tokens, 41);
  EXPECT_EQ(Blocks(cut)[1], absl::StrCat("\nID: 0 | CONTENT: ", Words(15), " "));
  EXPECT_EQ(cut.parts[0].dropped, 2 * 50 - 1 - 30);
}

TEST_F(PromptBuilderTest, TheRequestMayChangeTheLimit) {
  const BuiltPrompt built =
      Make()->Build("q", std::vector<RankDocument>{{"", Words(50)}}, {.max_document_tokens = 100});
  EXPECT_EQ(built.parts[0].tokens, 100);
}

TEST_F(PromptBuilderTest, WindowsHoldTheWholeDocument) {
  const std::vector<RankDocument> documents = {{"", "short"}, {"", Words(50)}, {"", "last"}};
  const BuiltPrompt built = Make()->Build("q", documents, {.windows = true});
  const std::vector<std::string> blocks = Blocks(built);
  std::vector<uint32_t> owners;
  std::string read;
  for (size_t i = 0; i < built.parts.size(); ++i) {
    const std::string before = absl::StrCat("\nID: ", i, " | CONTENT: ");
    const std::string after = absl::StrCat(" | END ID: ", i);
    ASSERT_THAT(blocks[i + 1], StartsWith(before));
    ASSERT_THAT(blocks[i + 1], ::testing::EndsWith(after));
    EXPECT_LE(built.parts[i].tokens, 41);
    EXPECT_EQ(built.parts[i].dropped, 0);
    owners.push_back(built.parts[i].document);
    const size_t length = blocks[i + 1].size() - before.size() - after.size();
    absl::StrAppend(&read, " ", blocks[i + 1].substr(before.size(), length));
  }
  EXPECT_EQ(read, absl::StrCat(" short ", Words(50), " last"));
  EXPECT_EQ(owners.front(), 0);
  EXPECT_EQ(owners.back(), 2);
  EXPECT_TRUE(std::is_sorted(owners.begin(), owners.end()));
  // 11 words fit; estimates may leave a little room.
  EXPECT_GE(built.parts.size(), 2 + 5);
  EXPECT_LE(built.parts.size(), 2 + 7);
}

TEST_F(PromptBuilderTest, AWordLongerThanAWindowIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "水";  // three tokens each
  const BuiltPrompt built =
      Make()->Build("q", std::vector<RankDocument>{{"", text}}, {.windows = true});
  EXPECT_GE(built.parts.size(), 6);
  std::string read;
  for (size_t i = 0; i < built.parts.size(); ++i) {
    const std::string block = Blocks(built)[i + 1];
    const size_t begin = block.find("CONTENT: ") + 9;
    const std::string content = block.substr(begin, block.find(" | END") - begin);
    EXPECT_EQ(content.size() % 3, 0);
    read += content;
  }
  EXPECT_EQ(read, text);
}

TEST_F(PromptBuilderTest, WindowsWithoutRoomForTextAreCut) {
  const BuiltPrompt built = Make()->Build("q", std::vector<RankDocument>{{"", "a b"}},
                                          {.max_document_tokens = 5, .windows = true});
  ASSERT_EQ(built.parts.size(), 1);
  EXPECT_EQ(built.parts[0].tokens, 5);
  EXPECT_EQ(built.parts[0].dropped, 3);
}

TEST_F(PromptBuilderTest, EmptyDocumentsHaveABlockToo) {
  for (const bool windows : {false, true}) {
    const BuiltPrompt built =
        Make()->Build("q", std::vector<RankDocument>{{"", " "}, {}}, {.windows = windows});
    EXPECT_EQ(Blocks(built)[1], "\nID: 0 | CONTENT:  | END ID: 0");
    EXPECT_EQ(Blocks(built)[2], "\nID: 1 | CONTENT:  | END ID: 1");
  }
}

TEST_F(PromptBuilderTest, StopsBehindTheLimitOfBlocks) {
  const std::vector<RankDocument> documents(10, {"", Words(50)});
  const PromptOptions options = {.windows = true, .max_blocks = 7};
  EXPECT_EQ(Make()->Build("q", documents, options).parts.size(), 8);
}

TEST_F(PromptBuilderTest, NumbersMayBeGiven) {
  const std::vector<uint32_t> numbers = {7, 3};
  const std::vector<RankDocument> documents = {{"", "a"}, {"", "b"}};
  const std::vector<std::string> blocks =
      Blocks(Make()->Build("q", documents, {.numbers = numbers}));
  EXPECT_EQ(blocks[1], "\nID: 7 | CONTENT: a | END ID: 7");
  EXPECT_EQ(blocks[2], "\nID: 3 | CONTENT: b | END ID: 3");
}

TEST_F(PromptBuilderTest, RefusesAPromptThatEndsOtherwise) {
  RankConfig config = Config();
  config.signal_tokens = {":", "▁", "▁["};
  EXPECT_THAT(ErrorOf(config),
              HasSubstr("key \"signal_tokens\": expected the prompt to end in "
                        "[\":\", \"▁\", \"▁[\"], but with the chat template \"mistral\" the "
                        "tokenizer ends it in [\":\", \" \", \"[\"]"));
}

TEST_F(PromptBuilderTest, RefusesATokenizerWithoutTheTemplatesTokens) {
  RankConfig config = Config();
  config.chat = ChatTemplate::kLlama3;
  EXPECT_THAT(ErrorOf(config),
              HasSubstr("key \"template\": \"llama3\" expects the tokenizer to have a token "
                        "\"<|begin_of_text|>\", but it makes [\"<\", \"|\", \"begin\""));
}

}  // namespace
}  // namespace foraker::ranker
