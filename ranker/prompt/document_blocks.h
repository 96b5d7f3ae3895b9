// A document's blocks: its begin, as much as one block holds, or all of it in several.
//
// Immutable and safe for concurrent use; outlived by the tokenizer. No errors.

#ifndef FORAKER_RANKER_PROMPT_DOCUMENT_BLOCKS_H_
#define FORAKER_RANKER_PROMPT_DOCUMENT_BLOCKS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/tokenizer/decoder_tokenizer.h"

namespace foraker::ranker {

class DocumentBlocks {
 public:
  // `max_tokens` of a block, its wrapping included.
  DocumentBlocks(const model::DecoderTokenizer& tokenizer, uint32_t max_tokens)
      : tokenizer_(tokenizer), max_tokens_(max_tokens) {}

  // Appends the first ids of the block of that number. Returns how many tokens of `content` were
  // cut off.
  uint32_t AppendBegin(uint32_t number, std::string_view content, std::vector<uint32_t>& ids) const;

  // Appends a block of that number which holds about as much of the begin of `content` (which is
  // not empty) as it can, whole words where one fits. Returns the bytes that it holds: 0, and
  // nothing is appended, when the wrapping leaves no room for a character.
  size_t AppendWindow(uint32_t number, std::string_view content, std::vector<uint32_t>& ids) const;

 private:
  size_t CountTokens(std::string_view text, model::TextRange plain) const;

  const model::DecoderTokenizer& tokenizer_;
  uint32_t max_tokens_;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_PROMPT_DOCUMENT_BLOCKS_H_
