// What a neural encoder reads of a passage: the tokens of the title, then those of the passage.
//
//   [CLS] title passage [SEP]      at most max_tokens; [CLS] and [SEP] are the encoder's to add
//
// What does not fit is cut off at the end, and counted. A title gives way first where both are
// long: it has what the passage leaves of the room, but never less than half of the room.
//
// One thread; borrows the tokenizer. Texts below 2 GiB.

#ifndef FORAKER_RETRIEVAL_ENCODER_INPUT_H_
#define FORAKER_RETRIEVAL_ENCODER_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "index/sparse_vector.h"
#include "model/tokenizer/wordpiece.h"
#include "retrieval/document_text.h"

namespace foraker::retrieval {

struct EncoderInput {
  std::vector<uint32_t> ids;
  // Of each id, where in the passage its analysed word begins (a token outside of words: where it
  // begins itself); kTitlePosition for those of the title.
  std::vector<index::Position> positions;
  uint64_t dropped_tokens = 0;  // of title and passage
};

class EncoderInputReader {
 public:
  // max_tokens: [CLS] and [SEP] included, at least 3.
  EncoderInputReader(const model::WordPiece& tokenizer, uint32_t max_tokens);

  // Reads passage `i`; passages of a document in order, from the first. `literal` is replaced by
  // the keys of the tokens that its text holds, ascending: special tokens left out, nothing cut
  // off, and the title as text of the first passage.
  EncoderInput Read(const DocumentText& document, size_t i, std::vector<index::TermKey>& literal);

 private:
  const model::WordPiece& tokenizer_;
  const size_t room_;  // tokens
  const std::unique_ptr<model::WordPiece::Session> session_;
  std::vector<uint32_t> title_;  // ids of the document's title
};

}  // namespace foraker::retrieval

#endif  // FORAKER_RETRIEVAL_ENCODER_INPUT_H_
