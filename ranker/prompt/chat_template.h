// How a family of models writes a chat of one message from the user and the begin of the
// assistant's answer, which is all that a ranking prompt is:
//
//   before_user  what the user says  between  what the assistant has begun to say
//
// as the chat templates in the models' tokenizer_config.json render it when the last message is to
// be continued. A system message that a template writes when none is given (Llama 3.1's dates) is
// left out. Constants.

#ifndef FORAKER_RANKER_PROMPT_CHAT_TEMPLATE_H_
#define FORAKER_RANKER_PROMPT_CHAT_TEMPLATE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ranker/prompt/rank_config.h"

namespace foraker::ranker {

struct ChatWords {
  std::string_view name;  // in blockrank.json
  std::string_view before_user;
  std::string_view between;
  // Of the words above, those that must each be one token; otherwise the tokenizer is of another
  // family.
  std::vector<std::string_view> control_tokens;
  // What the prompt ends in with the family's usual tokenizer.
  std::vector<std::string> signal_tokens;
};

const ChatWords& ChatWordsOf(ChatTemplate chat);
std::optional<ChatTemplate> ChatTemplateNamed(std::string_view name);
std::string ChatTemplateNames();  // for messages

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PROMPT_CHAT_TEMPLATE_H_
