// The tokenizer that a DecoderDefinition describes. A text goes through these in turn:
//
//   bytes that are not UTF-8 replaced | added tokens of the raw text taken out | what is between
//   them normalised | added tokens of the normalised text taken out | pieces | merged, or
//   remembered

#include <simdjson.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/session_pool.h"
#include "base/string_view.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/byte_letters.h"
#include "model/tokenizer/decoder_definition.h"
#include "model/tokenizer/piece_id_memo.h"
#include "model/tokenizer/utf8.h"

namespace foraker::model {
namespace {

constexpr std::string_view kWordMark = "\u2581";  // SentencePiece's space

class DecoderSession;

// What the sessions of one tokenizer share.
struct Shared {
  using Session = DecoderSession;
  std::unique_ptr<DecoderSession> NewSession() const;

  AddedTokens raw_added;
  AddedTokens normalized_added;  // contents normalised
  TextNormalizer normalizer;
  std::vector<PieceStep> steps;
  BpeModel bpe;
};

// One thread.
class DecoderSession {
 public:
  explicit DecoderSession(const Shared& shared)
      : shared_(shared), merger_(shared.bpe), buffers_(shared.steps.size()) {}

  void Encode(std::string_view text, TextRange plain, std::vector<uint32_t>& ids) {
    ids_ = &ids;
    if (!simdjson::validate_utf8(text)) {
      valid_ = text;
      ReplaceInvalid(valid_, plain);
      text = valid_;
    }
    size_t done = 0;
    while (const auto added = shared_.raw_added.Next(text, done, plain)) {
      Stretch(text, {done, added->begin}, plain);
      ids.push_back(added->id);
      done = added->end;
    }
    Stretch(text, {done, text.size()}, plain);
  }

 private:
  struct Buffers {
    std::string text;
    std::vector<uint32_t> ends;
  };

  // What stands between two added tokens of the raw text.
  void Stretch(std::string_view text, TextRange range, TextRange plain) {
    if (range.empty()) return;
    TextRange inside;
    if (plain.Overlaps(range.begin, range.end)) {
      inside = {std::max(plain.begin, range.begin) - range.begin,
                std::min(plain.end, range.end) - range.begin};
    }
    std::string_view stretch = text.substr(range.begin, range.end - range.begin);
    if (!shared_.normalizer.empty()) {
      normalized_ = stretch;
      shared_.normalizer.Apply(normalized_, inside);
      stretch = normalized_;
    }
    guarded_ = !inside.empty();
    const bool first = range.begin == 0;
    size_t done = 0;
    while (const auto added = shared_.normalized_added.Next(stretch, done, inside)) {
      Pieces(0, stretch.substr(done, added->begin - done), first && done == 0);
      ids_->push_back(added->id);
      done = added->end;
    }
    Pieces(0, stretch.substr(done), first && done == 0);
  }

  // `text` through the steps from `step` on. `first`: it begins the whole text.
  void Pieces(size_t step, std::string_view text, bool first) {
    if (text.empty()) return;
    if (step == shared_.steps.size()) return Piece(text);
    const PieceStep& what = shared_.steps[step];
    Buffers& buffers = buffers_[step];
    if (const auto* replace = std::get_if<ReplaceStep>(&what)) {
      Replace(*replace, text, buffers.text);
      return Pieces(step + 1, buffers.text, first);
    }
    if (const auto* prefix = std::get_if<PrefixStep>(&what)) {
      if (text.starts_with(prefix->text) || (prefix->first_only && !first)) {
        return Pieces(step + 1, text, first);
      }
      buffers.text = prefix->text;
      buffers.text += text;
      return Pieces(step + 1, buffers.text, first);
    }
    buffers.ends.clear();
    std::get<std::shared_ptr<const PieceSplitter>>(what)->Split(text, buffers.ends);
    size_t begin = 0;
    for (const uint32_t end : buffers.ends) {
      Pieces(step + 1, text.substr(begin, end - begin), first && begin == 0);
      begin = end;
    }
  }

  static void Replace(const ReplaceStep& step, std::string_view text, std::string& replaced) {
    replaced.clear();
    size_t done = 0;
    for (size_t at = text.find(step.from); at != std::string_view::npos;
         at = text.find(step.from, done)) {
      replaced += text.substr(done, at - done);
      replaced += step.to;
      done = at + step.from.size();
    }
    replaced += text.substr(done);
  }

  void Piece(std::string_view piece) {
    if (guarded_ && shared_.bpe.merges_without_added.has_value()) {
      return merger_.AppendWithoutAdded(piece, *ids_);
    }
    const uint64_t hash = XXH3_64bits(piece.data(), piece.size());
    if (memo_.Append(piece, hash, *ids_)) return;
    const size_t before = ids_->size();
    merger_.Append(piece, *ids_);
    memo_.Put(piece, hash, std::span<const uint32_t>(*ids_).subspan(before));
  }

  const Shared& shared_;
  BpeMerger merger_;
  PieceIdMemo memo_;
  std::vector<Buffers> buffers_;  // [steps]
  std::string valid_;
  std::string normalized_;
  bool guarded_ = false;                  // the stretch has plain text
  std::vector<uint32_t>* ids_ = nullptr;  // of the call
};

std::unique_ptr<DecoderSession> Shared::NewSession() const {
  return std::make_unique<DecoderSession>(*this);
}

void FillBytes(const DecoderDefinition& definition, BpeModel& bpe) {
  const ByteLetters letters;
  for (uint32_t id = 0; id < definition.tokens.size(); ++id) {
    const std::string& token = definition.tokens[id];
    if (token.empty()) continue;
    const auto bytes = letters.BytesOf(token);
    if (!bytes.has_value()) continue;
    if (bytes->size() == 1) bpe.bytes[static_cast<uint8_t>(bytes->front())] = id;
    if (definition.ignore_merges) bpe.whole.emplace(*bytes, id);
  }
}

void FillCharacters(const DecoderDefinition& definition, BpeModel& bpe) {
  absl::flat_hash_map<std::string, uint8_t> byte_tokens;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    byte_tokens.emplace(absl::StrFormat("<0x%02X>", byte), static_cast<uint8_t>(byte));
  }
  for (uint32_t id = 0; id < definition.tokens.size(); ++id) {
    const std::string& token = definition.tokens[id];
    if (token.empty()) continue;
    size_t end = 0;
    const char32_t c = NextCharacter(token, end);
    if (end == token.size()) bpe.characters.emplace(c, id);
    const auto byte = byte_tokens.find(token);
    if (definition.byte_fallback && byte != byte_tokens.end()) bpe.bytes[byte->second] = id;
    if (definition.ignore_merges) bpe.whole.emplace(token, id);
  }
}

void FillMerges(const DecoderDefinition& definition, MergeTable& merges,
                const std::vector<bool>* without) {
  merges.Reserve(definition.merges.size());
  for (const RankedMerge& merge : definition.merges) {
    if (without != nullptr && (*without)[merge.merged]) continue;
    merges.Put(merge.left, merge.right, {merge.rank, merge.merged});
  }
}

uint32_t HighestId(const DecoderDefinition& definition) {
  auto size = static_cast<uint32_t>(definition.tokens.size());
  for (const AddedToken& token : definition.added) size = std::max(size, token.id + 1);
  return size;
}

BpeModel MakeModel(const DecoderDefinition& definition) {
  BpeModel bpe;
  bpe.byte_level = definition.byte_level;
  bpe.unknown = definition.unknown.value_or(BpeModel::kNone);
  bpe.fuse_unknown = definition.fuse_unknown;
  bpe.bytes.fill(BpeModel::kNone);
  if (definition.byte_level) {
    FillBytes(definition, bpe);
  } else {
    FillCharacters(definition, bpe);
  }
  FillMerges(definition, bpe.merges, nullptr);
  bpe.is_added.resize(HighestId(definition));
  for (const AddedToken& token : definition.added) bpe.is_added[token.id] = true;
  const auto is_added = [&](uint32_t id) { return bpe.is_added[id]; };
  const bool makes_added =
      std::any_of(definition.merges.begin(), definition.merges.end(),
                  [&](const RankedMerge& merge) { return is_added(merge.merged); }) ||
      std::any_of(bpe.whole.begin(), bpe.whole.end(),
                  [&](const auto& piece) { return is_added(piece.second); });
  if (makes_added) FillMerges(definition, bpe.merges_without_added.emplace(), &bpe.is_added);
  return bpe;
}

// Whether no merge reaches over the place before a word mark that follows something else: then the
// words of SentencePiece are pieces, though no pre-tokenizer cuts them.
bool WordsStandAlone(const DecoderDefinition& definition) {
  if (definition.byte_level || definition.ignore_merges) return false;
  if (std::find(definition.tokens.begin(), definition.tokens.end(), kWordMark) ==
      definition.tokens.end()) {
    return false;
  }
  const auto words = MakeMarkSplitter(kWordMark, /*after_other=*/true);
  std::vector<uint32_t> ends;
  const auto is_word = [&](const RankedMerge& merge) {
    ends.clear();
    words->Split(definition.tokens[merge.merged], ends);
    return ends.size() == 1;
  };
  return std::all_of(definition.merges.begin(), definition.merges.end(), is_word);
}

std::shared_ptr<const Shared> MakeShared(const DecoderDefinition& definition) {
  TextNormalizer normalizer(definition.normalizer);
  std::vector<AddedToken> raw;
  std::vector<AddedToken> normalized;
  for (AddedToken token : definition.added) {
    if (token.normalized) {
      TextRange none;
      normalizer.Apply(token.content, none);
    }
    (token.normalized ? normalized : raw).push_back(std::move(token));
  }
  std::vector<PieceStep> steps = definition.pre_tokenizer;
  if (WordsStandAlone(definition)) {
    steps.emplace_back(
        std::shared_ptr<const PieceSplitter>(MakeMarkSplitter(kWordMark, /*after_other=*/true)));
  }
  return std::make_shared<const Shared>(
      Shared{AddedTokens(std::move(raw)), AddedTokens(std::move(normalized)), std::move(normalizer),
             std::move(steps), MakeModel(definition)});
}

class BpeTokenizer final : public DecoderTokenizer {
 public:
  explicit BpeTokenizer(DecoderDefinition definition)
      : sessions_(MakeShared(definition)), tokens_(std::move(definition.tokens)) {
    for (const AddedToken& token : definition.added) {
      if (token.id >= tokens_.size()) tokens_.resize(token.id + 1);
      tokens_[token.id] = token.content;
    }
    for (uint32_t id = 0; id < tokens_.size(); ++id) {
      if (!tokens_[id].empty()) ids_.emplace(base::ToAbsl(tokens_[id]), id);
    }
  }

  void Encode(std::string_view text, TextRange plain, std::vector<uint32_t>& ids) const override {
    sessions_.Borrow()->Encode(text, plain, ids);
  }

  uint32_t vocabulary_size() const override { return static_cast<uint32_t>(tokens_.size()); }

  std::string TokenOf(uint32_t id) const override {
    return id < tokens_.size() ? tokens_[id] : std::string();
  }

  std::optional<uint32_t> IdOf(std::string_view token) const override {
    const auto at = ids_.find(base::ToAbsl(token));
    return at == ids_.end() ? std::nullopt : std::optional<uint32_t>(at->second);
  }

 private:
  mutable base::SessionPool<Shared> sessions_;
  std::vector<std::string> tokens_;  // by id, with those that were added
  absl::flat_hash_map<absl::string_view, uint32_t> ids_;
};

}  // namespace

std::shared_ptr<const DecoderTokenizer> MakeDecoderTokenizer(DecoderDefinition definition) {
  return std::make_shared<BpeTokenizer>(std::move(definition));
}

}  // namespace foraker::model
