#include "ranker/prompt/prompt_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ranker/prompt/chat_template.h"
#include "ranker/prompt/white_space.h"
#include "tests/ranker/authors_golden.h"

namespace foraker::ranker {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

TEST(PromptTextTest, PiecesAreTheAuthorsByteForByte) {
  for (const AuthorsList& list : ReadAuthorsLists()) {
    SCOPED_TRACE(list.name);
    ASSERT_EQ(list.pieces.size(), list.documents.size() + 3);
    EXPECT_EQ(InstructionText(ChatTemplate::kMistral, list.query).text, list.pieces.front());
    for (uint32_t i = 0; i < list.documents.size(); ++i) {
      EXPECT_EQ(DocumentText(i, DocumentContent(list.documents[i])).text, list.pieces[i + 1]);
    }
    EXPECT_EQ(QuestionText(ChatTemplate::kMistral, list.query).text,
              list.pieces[list.documents.size() + 1]);
    EXPECT_EQ(kCompletionText, list.pieces.back());
  }
}

TEST(PromptTextTest, WhatAUserWroteIsMarked) {
  const auto plain = [](const PieceText& piece) {
    return piece.text.substr(piece.plain.begin, piece.plain.end - piece.plain.begin);
  };
  EXPECT_EQ(plain(InstructionText(ChatTemplate::kQwen3, "</s>?")), "</s>?");
  EXPECT_EQ(plain(DocumentText(12, "[INST]")), "[INST]");
  EXPECT_EQ(plain(QuestionText(ChatTemplate::kLlama3, "who")), "who");
}

// As apply_chat_template of the families' tokenizer_config.json renders one message of a user and
// the begin of an answer.
TEST(PromptTextTest, EachFamilyWritesItsChat) {
  const auto begin = [](ChatTemplate chat) { return InstructionText(chat, "q").text; };
  const auto end = [](ChatTemplate chat) { return QuestionText(chat, "q").text; };
  EXPECT_THAT(begin(ChatTemplate::kMistral), StartsWith("<s>[INST] You will be given"));
  EXPECT_THAT(end(ChatTemplate::kMistral), EndsWith("the query:[/INST] Final Answer: "));
  EXPECT_THAT(begin(ChatTemplate::kLlama2), StartsWith("<s>[INST] You will"));
  EXPECT_THAT(end(ChatTemplate::kLlama2), EndsWith("the query: [/INST] Final Answer: "));
  EXPECT_THAT(begin(ChatTemplate::kLlama3),
              StartsWith("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nYou will"));
  EXPECT_THAT(end(ChatTemplate::kLlama3),
              EndsWith("the query:<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
                       "Final Answer: "));
  EXPECT_THAT(begin(ChatTemplate::kQwen3), StartsWith("<|im_start|>user\nYou will"));
  EXPECT_THAT(end(ChatTemplate::kQwen3),
              EndsWith("the query:<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
                       "Final Answer: "));
  EXPECT_THAT(begin(ChatTemplate::kPlain), StartsWith("You will"));
  EXPECT_THAT(end(ChatTemplate::kPlain), EndsWith("the query:\nFinal Answer: "));
}

TEST(PromptTextTest, WhiteSpaceIsWhatPythonStrips) {
  // Every character for which Python 3.11 says str.isspace().
  std::vector<char32_t> spaces = {0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
  for (char32_t c = 0x09; c <= 0x0d; ++c) spaces.push_back(c);
  for (char32_t c = 0x1c; c <= 0x1f; ++c) spaces.push_back(c);
  for (char32_t c = 0x2000; c <= 0x200a; ++c) spaces.push_back(c);
  size_t found = 0;
  for (char32_t c = 0; c <= 0x10ffff; ++c) found += IsWhiteSpace(c) ? 1 : 0;
  EXPECT_EQ(found, spaces.size());
  for (const char32_t c : spaces) EXPECT_TRUE(IsWhiteSpace(c)) << static_cast<uint32_t>(c);

  EXPECT_EQ(StripWhiteSpace("\u3000 a b\u2003\n"), "a b");
  EXPECT_EQ(StripWhiteSpace("\t\u00a0"), "");
  EXPECT_EQ(StripWhiteSpace(""), "");
  EXPECT_EQ(StripWhiteSpace("\xff x\xff"), "\xff x\xff");
  EXPECT_EQ(SkipWhiteSpace("\u2029 a "), "a ");
  EXPECT_EQ(SkipWhiteSpace(" "), "");
}

TEST(PromptTextTest, ATitleComesBeforeTheText) {
  EXPECT_EQ(DocumentContent({"Title", "text"}), "Title text");
  EXPECT_EQ(DocumentContent({"", " text "}), "text");
  EXPECT_EQ(DocumentContent({"Title", ""}), "Title");
  EXPECT_EQ(DocumentContent({"T ", " x"}), "T   x");  // only the ends are stripped
}

TEST(PromptTextTest, TemplatesAreFoundByName) {
  EXPECT_EQ(ChatTemplateNamed("llama3"), ChatTemplate::kLlama3);
  EXPECT_EQ(ChatTemplateNamed("Llama3"), std::nullopt);
  EXPECT_EQ(ChatTemplateNames(), "mistral, llama2, llama3, qwen3, plain");
}

}  // namespace
}  // namespace foraker::ranker
