#include "ranker/prompt/document_blocks.h"

#include <algorithm>

#include "model/tokenizer/utf8.h"
#include "ranker/prompt/prompt_text.h"
#include "ranker/prompt/white_space.h"

namespace foraker::ranker {
namespace {

// More than texts have (English: some 4.5), so that what fits into one window is never cut; and
// little enough that a window's first try does not tokenise the whole of a book.
constexpr size_t kBytesPerToken = 16;

// Places where a text may be cut: its end is one, when the limit is not before it.
struct Cuts {
  size_t word = 0;       // the last end of a word at or before the limit; 0: there is none
  size_t character = 0;  // the last end of a character there, or that of the first
};

Cuts CutsBefore(std::string_view text, size_t limit) {
  Cuts cuts;
  bool in_word = false;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const bool space = IsWhiteSpace(model::NextCharacter(text, at));
    if (begin > limit) return cuts;
    if (space && in_word) cuts.word = begin;
    in_word = !space;
    if (at <= limit || begin == 0) cuts.character = at;
  }
  if (text.size() <= limit) cuts.word = text.size();
  return cuts;
}

// That of the first word, or `limit` when it goes on there.
size_t FirstWordEnd(std::string_view text, size_t limit) {
  for (size_t at = 0; at < std::min(limit, text.size());) {
    const size_t begin = at;
    if (IsWhiteSpace(model::NextCharacter(text, at)) && begin > 0) return begin;
  }
  return std::min(limit, text.size());
}

}  // namespace

uint32_t DocumentBlocks::AppendBegin(uint32_t number, std::string_view content,
                                     std::vector<uint32_t>& ids) const {
  const PieceText piece = DocumentText(number, content);
  const size_t begin = ids.size();
  tokenizer_.Encode(piece.text, piece.plain, ids);
  if (ids.size() - begin <= max_tokens_) return 0;
  ids.resize(begin + max_tokens_);
  // What stands around the content is nobody's loss.
  const std::string_view text = piece.text;
  const size_t before = CountTokens(text.substr(0, piece.plain.begin), {});
  const size_t read = CountTokens(text.substr(0, piece.plain.end), piece.plain);
  return static_cast<uint32_t>(read - std::min(read, std::max<size_t>(before, max_tokens_)));
}

size_t DocumentBlocks::CountTokens(std::string_view text, model::TextRange plain) const {
  std::vector<uint32_t> ids;
  tokenizer_.Encode(text, plain, ids);
  return ids.size();
}

size_t DocumentBlocks::AppendWindow(uint32_t number, std::string_view content,
                                    std::vector<uint32_t>& ids) const {
  const size_t begin = ids.size();
  size_t limit = kBytesPerToken * max_tokens_;
  const size_t first_word = FirstWordEnd(content, limit);
  for (;;) {  // each round is shorter by as much as the one before was too long
    const Cuts cuts = CutsBefore(content, limit);
    const size_t cut = cuts.word > 0 ? cuts.word : cuts.character;
    const PieceText piece = DocumentText(number, content.substr(0, cut));
    tokenizer_.Encode(piece.text, piece.plain, ids);
    const size_t tokens = ids.size() - begin;
    if (tokens <= max_tokens_) return cut;
    ids.resize(begin);
    const size_t smaller = cut * max_tokens_ / tokens;
    if (cut > first_word) {
      limit = std::max(smaller, first_word);
    } else if (cut > CutsBefore(content, 0).character) {
      limit = smaller;
    } else {
      return 0;
    }
  }
}

}  // namespace foraker::ranker
