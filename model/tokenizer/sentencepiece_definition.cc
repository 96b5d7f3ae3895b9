// tokenizer.model of SentencePiece, as `transformers` turns it into a tokenizer of its own.
//
// The model's pieces are merged by the BPE that also serves tokenizer.json, where two pieces become
// one by that one's score, equal scores from the left, as the library has it. Another algorithm, or
// a normalisation, is refused. tokenizer_config.json decides about the space before a text:
//
//   "legacy" (true when silent)  before each stretch between added tokens, whatever it begins with
//   else                         before the text, if it does not begin with one
//   "add_prefix_space": false    never

#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/tokenizer/added_token_builder.h"
#include "model/tokenizer/decoder_definition.h"
#include "model/tokenizer/sentencepiece_model.h"
#include "model/tokenizer/utf8.h"

namespace foraker::model {
namespace {

using Kind = SentencePieceModel::Kind;
using Piece = SentencePieceModel::Piece;

const std::string kMark = "\u2581";
constexpr size_t kMostPieceBytes = 512;  // trainers stop at 16 characters, unless told otherwise

absl::Status PutPieces(const std::vector<Piece>& pieces, VocabularyBuilder& vocabulary,
                       DecoderDefinition& definition) {
  for (size_t id = 0; id < pieces.size(); ++id) {
    if (std::isnan(pieces[id].score)) {
      return absl::InvalidArgumentError(absl::StrFormat("piece %d has no score", id));
    }
    if (pieces[id].text.size() > kMostPieceBytes) {
      return absl::InvalidArgumentError(
          absl::StrFormat("piece %d has more than %d bytes", id, kMostPieceBytes));
    }
    if (pieces[id].text.empty() || vocabulary.IdOf(pieces[id].text).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("piece %d, \"%s\", is empty or there before", id, pieces[id].text));
    }
    RETURN_IF_ERROR(vocabulary.Put(pieces[id].text, id));
    if (pieces[id].kind == Kind::kUnknown) definition.unknown = static_cast<uint32_t>(id);
  }
  if (!definition.unknown.has_value()) {
    return absl::InvalidArgumentError("no piece stands for what is unknown");
  }
  return absl::OkStatus();
}

absl::Status PutAdded(const std::vector<Piece>& pieces, AddedTokenBuilder& added) {
  for (size_t id = 0; id < pieces.size(); ++id) {
    const Kind kind = pieces[id].kind;
    if (kind != Kind::kUnknown && kind != Kind::kControl && kind != Kind::kUserDefined) continue;
    RETURN_IF_ERROR(added.Put(
        {.content = pieces[id].text, .id = 0, .special = kind != Kind::kUserDefined}, id));
  }
  return absl::OkStatus();
}

// Every way to make one normal piece of two, best score first.
void AddMerges(const std::vector<Piece>& pieces, const VocabularyBuilder& vocabulary,
               DecoderDefinition& definition) {
  std::vector<uint32_t> order(pieces.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return pieces[a].score > pieces[b].score; });
  const auto normal = [&](std::string_view text) -> std::optional<uint32_t> {
    const auto id = vocabulary.IdOf(text);
    return id.has_value() && pieces[*id].kind == Kind::kNormal ? id : std::nullopt;
  };
  uint32_t rank = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const Piece& piece = pieces[order[i]];
    if (i > 0 && piece.score != pieces[order[i - 1]].score) ++rank;
    if (piece.kind != Kind::kNormal) continue;
    const std::string_view text = piece.text;
    size_t split = 0;
    for (NextCharacter(text, split); split < text.size(); NextCharacter(text, split)) {
      const auto left = normal(text.substr(0, split));
      const auto right = left.has_value() ? normal(text.substr(split)) : std::nullopt;
      if (right.has_value()) definition.merges.push_back({*left, *right, rank, order[i]});
    }
  }
}

absl::Status CheckKind(const SentencePieceModel& model) {
  if (model.is_bpe && !model.normalises) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "expected a BPE model without normalisation; this one %s",
      model.is_bpe ? "maps characters, removes spaces or keeps them" : "is of another kind"));
}

absl::Status AddSteps(const JsonObject* config, DecoderDefinition& definition) {
  bool legacy = true;
  bool prefix_space = true;
  if (config != nullptr) {
    RETURN_IF_ERROR(config->Get("legacy", legacy));
    RETURN_IF_ERROR(config->Get("add_prefix_space", prefix_space));
  }
  if (legacy) {
    if (prefix_space) definition.normalizer.emplace_back(PrependStep{kMark});
    definition.normalizer.emplace_back(ReplaceStep{" ", kMark});
    return absl::OkStatus();
  }
  definition.pre_tokenizer.emplace_back(ReplaceStep{" ", kMark});
  if (prefix_space) definition.pre_tokenizer.emplace_back(PrefixStep{kMark, /*first_only=*/true});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DecoderDefinition> ParseSentencePiece(std::string_view model,
                                                     const std::string& path,
                                                     const JsonObject* config) {
  const absl::StatusOr<SentencePieceModel> read = ReadSentencePieceModel(model);
  if (!read.ok()) {
    return base::Annotate(read.status(), path + ": expected a SentencePiece model");
  }
  const std::vector<Piece>& pieces = read->pieces;
  absl::Status status = CheckKind(*read);
  if (!status.ok()) return base::Annotate(status, path);
  DecoderDefinition definition;
  definition.byte_fallback = read->byte_fallback;
  definition.fuse_unknown = true;
  VocabularyBuilder vocabulary;
  status = PutPieces(pieces, vocabulary, definition);
  if (!status.ok()) return base::Annotate(status, path);
  AddMerges(pieces, vocabulary, definition);
  AddedTokenBuilder added(path, vocabulary);
  RETURN_IF_ERROR(PutAdded(pieces, added));
  RETURN_IF_ERROR(added.PutConfigured(config));
  definition.added = added.Take();
  definition.tokens = vocabulary.TakeTokens();
  RETURN_IF_ERROR(AddSteps(config, definition));
  return definition;
}

}  // namespace foraker::model
