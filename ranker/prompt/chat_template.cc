#include "ranker/prompt/chat_template.h"

#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace foraker::ranker {
namespace {

// In the order of ChatTemplate.
const std::array<ChatWords, 5>& AllChatWords() {
  static const std::array<ChatWords, 5>& words = *new std::array<ChatWords, 5>{{
      {"mistral",
       "<s>[INST] ",
       "[/INST] ",
       {"<s>", "[INST]", "[/INST]"},
       {":", "\u2581", "\u2581["}},
      // Llama 2 spells [INST] out; only the begin of the text is a token of its own.
      {"llama2", "<s>[INST] ", " [/INST] ", {"<s>"}, {":", "\u2581", "\u2581["}},
      {"llama3",
       "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n",
       "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
       {"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"},
       {":", "\u0120", "["}},
      // The template puts an empty thought before the last message of an assistant.
      {"qwen3",
       "<|im_start|>user\n",
       "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
       {"<|im_start|>", "<|im_end|>", "<think>", "</think>"},
       {":", "\u0120", "["}},
      {"plain", "", "\n", {}, {}},
  }};
  return words;
}

}  // namespace

const ChatWords& ChatWordsOf(ChatTemplate chat) {
  return AllChatWords()[static_cast<size_t>(chat)];
}

std::optional<ChatTemplate> ChatTemplateNamed(std::string_view name) {
  for (size_t i = 0; i < AllChatWords().size(); ++i) {
    if (AllChatWords()[i].name == name) return static_cast<ChatTemplate>(i);
  }
  return std::nullopt;
}

std::string ChatTemplateNames() {
  std::string names;
  for (const ChatWords& words : AllChatWords()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", base::ToAbsl(words.name));
  }
  return names;
}

}  // namespace foraker::ranker
