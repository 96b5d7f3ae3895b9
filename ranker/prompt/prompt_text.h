// The words of the prompt "blockrank", as the authors' released code writes them (repository
// nilesh2797/BlockRank at c6ddbf9), with the chat template's around them.
//
//   instruction   <before user>You will be given a query and a list ...
//                 Query: QUERY
//
//                 Documents:
//   document      \nID: N | CONTENT: TEXT | END ID: N
//   question      \n\n====== Now let's start! ====== ...
//                 Query: QUERY
//                 The following document(s) can help answer the query:<between>Final Answer:
//   completion    [
//
// Their code joins the pieces with a separator that it cuts at again after rendering the chat, and
// puts a line feed before all but the first and the last. Each piece is tokenised by itself; the
// completion's tokens then count as the question's. Functions of their arguments.

#ifndef FORAKER_RANKER_PROMPT_PROMPT_TEXT_H_
#define FORAKER_RANKER_PROMPT_PROMPT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "model/tokenizer/decoder_tokenizer.h"
#include "ranker/prompt/rank_config.h"
#include "retrieval/api/reranker.h"

namespace foraker::ranker {

// A piece, and which of its bytes a user wrote.
struct PieceText {
  std::string text;
  model::TextRange plain;
};

inline constexpr std::string_view kCompletionText = "[";

PieceText InstructionText(ChatTemplate chat, std::string_view query);
PieceText DocumentText(uint32_t number, std::string_view content);
PieceText QuestionText(ChatTemplate chat, std::string_view query);

// What stands for a document: title and text with a space between, white space at the ends removed.
std::string DocumentContent(const retrieval::RankDocument& document);

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PROMPT_PROMPT_TEXT_H_
