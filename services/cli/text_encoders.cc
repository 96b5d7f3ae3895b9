#include "services/cli/text_encoders.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/float16.h"
#include "base/status.h"
#include "retrieval/document_encoder.h"
#include "retrieval/document_text.h"
#include "retrieval/encoder_input.h"
#include "retrieval/ingest/document_parser.h"
#include "retrieval/passage_words.h"
#include "services/cli/encoded_text.h"
#include "services/cli/query_file.h"

namespace foraker::cli {
namespace {

using index::TermKey;
using index::TermNamespace;
using retrieval::ByteRange;

absl::Status CheckLength(const retrieval::Line& line) {
  if (!line.too_long) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "expected lines of at most %d MiB, this one is longer", retrieval::kMaxLineBytes >> 20));
}

class DocumentWorker final : public LineWorker {
 public:
  DocumentWorker(const retrieval::DocumentSide& settings, const retrieval::LoadedEncoder& encoder,
                 std::unique_ptr<retrieval::DocumentEncoder> documents,
                 std::unique_ptr<retrieval::DocumentText> text)
      : parser_(retrieval::InputKind::kText, /*drop_small_weights=*/false),
        documents_(std::move(documents)),
        text_(std::move(text)) {
    if (encoder.table == nullptr) return;
    vocabulary_ = &encoder.table->tokenizer();
    input_.emplace(*vocabulary_,
                   std::min(settings.max_encoder_tokens, encoder.model->max_tokens()));
  }

  absl::Status Work(std::span<const retrieval::Line> lines, std::span<WorkedLine> worked) override {
    std::vector<index::Document> documents(lines.size());
    std::vector<index::Document*> parsed;
    std::vector<size_t> line_of;  // [parsed]
    for (size_t i = 0; i < lines.size(); ++i) {
      worked[i].error = Parse(lines[i], documents[i]);
      if (!worked[i].error.ok()) continue;
      parsed.push_back(&documents[i]);
      line_of.push_back(i);
    }
    names_.clear();
    std::vector<retrieval::DocumentEncoder::Outcome> outcomes;
    RETURN_IF_ERROR(documents_->Encode(
        parsed, [this](TermKey key, std::string_view name) { names_.try_emplace(key, name); },
        outcomes));
    for (size_t i = 0; i < parsed.size(); ++i) {
      WorkedLine& line = worked[line_of[i]];
      line.error = outcomes[i].error;
      if (line.error.ok()) line.output = Describe(*parsed[i]);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Parse(const retrieval::Line& line, index::Document& document) {
    RETURN_IF_ERROR(CheckLength(line));
    ASSIGN_OR_RETURN(document, parser_.Parse(line.text, nullptr));
    return absl::OkStatus();
  }

  std::string Describe(const index::Document& document) {
    text_->Read(document.title, document.text);
    std::vector<ByteRange> words;
    for (const model::AnalyzedWord& word : text_->text_words()) {
      words.push_back({word.begin, word.end});
    }
    std::string lines;
    for (size_t i = 0; i < document.passages.size(); ++i) {
      const index::Passage& passage = document.passages[i];
      EncodedText encoded;
      encoded.id = document.id;
      encoded.passage = {static_cast<uint32_t>(i), {passage.text_begin, passage.text_end}};
      if (input_.has_value()) {
        const retrieval::EncoderInput input = input_->Read(*text_, i, literal_);
        encoded.tokens = input.ids.size();
        encoded.tokens_dropped = input.dropped_tokens;
      }
      encoded.terms = TermsOf(document.text, passage, words);
      lines += ToJsonLine(std::move(encoded));
    }
    return lines;
  }

  std::vector<EncodedTerm> TermsOf(std::string_view text, const index::Passage& passage,
                                   const std::vector<ByteRange>& words) const {
    const index::SparseVector& vector = passage.vector;
    std::vector<EncodedTerm> terms(vector.keys.size());
    for (size_t i = 0; i < terms.size(); ++i) {
      EncodedTerm& term = terms[i];
      term.kind = index::NamespaceOf(vector.keys[i]);
      term.text = NameOf(vector.keys[i]);
      term.weight = base::Float16ToFloat(vector.weights[i]);
      if (vector.positions.empty() || vector.positions[i] == index::kNoPosition) continue;
      term.in_title = vector.positions[i] == index::kTitlePosition;
      if (term.in_title) continue;
      term.word = retrieval::WordAt(text, {passage.text_begin, passage.text_end}, words,
                                    passage.text_begin + vector.positions[i]);
    }
    return terms;
  }

  std::string NameOf(TermKey key) const {
    if (vocabulary_ != nullptr && index::NamespaceOf(key) == TermNamespace::kWordPiece) {
      return std::string(vocabulary_->TextOf(static_cast<uint32_t>(key)));
    }
    const auto name = names_.find(key);
    return name == names_.end() ? std::string() : name->second;
  }

  retrieval::DocumentParser parser_;
  const std::unique_ptr<retrieval::DocumentEncoder> documents_;
  // Reads a document once more, for what the stored vectors do not tell: where words end, and how
  // many tokens were read.
  const std::unique_ptr<retrieval::DocumentText> text_;
  const model::WordPiece* vocabulary_ = nullptr;        // null: no learned terms
  std::optional<retrieval::EncoderInputReader> input_;  // with a vocabulary
  std::vector<TermKey> literal_;
  absl::flat_hash_map<TermKey, std::string> names_;  // of hashed keys
};

class QueryWorker final : public LineWorker {
 public:
  QueryWorker(BuildTextQuery build, retrieval::TextQuery query)
      : build_(std::move(build)), query_(std::move(query)) {}

  absl::Status Work(std::span<const retrieval::Line> lines, std::span<WorkedLine> worked) override {
    for (size_t i = 0; i < lines.size(); ++i) {
      absl::StatusOr<std::string> output = WorkLine(lines[i]);
      if (output.ok()) {
        worked[i].output = *std::move(output);
      } else if (absl::IsInvalidArgument(output.status())) {
        worked[i].error = output.status();
      } else {
        return output.status();
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::string> WorkLine(const retrieval::Line& line) {
    RETURN_IF_ERROR(CheckLength(line));
    ASSIGN_OR_RETURN(const NamedQuery named, ParseQuery(line.text));
    const auto* text = std::get_if<retrieval::TextQuery>(&named.query);
    if (text == nullptr) return absl::InvalidArgumentError("expected a string under \"text\"");
    query_.text = text->text;
    ASSIGN_OR_RETURN(const retrieval::BuiltQuery built, build_(query_));
    EncodedText encoded;
    encoded.id = named.id;
    encoded.tokens = built.tokens_read;
    encoded.tokens_dropped = built.tokens_dropped;
    for (const retrieval::BuiltTerm& term : built.terms) {
      encoded.terms.push_back({.kind = index::NamespaceOf(term.key),
                               .text = term.text,
                               .weight = term.weight,
                               .word = term.range});
    }
    return ToJsonLine(std::move(encoded));
  }

  const BuildTextQuery build_;
  retrieval::TextQuery query_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LineWorker>> MakeDocumentWorker(
    const retrieval::DocumentSide& settings, const retrieval::LoadedEncoder& encoder) {
  ASSIGN_OR_RETURN(auto documents, retrieval::DocumentEncoder::Create(settings, encoder));
  ASSIGN_OR_RETURN(auto text, retrieval::DocumentText::Create(settings));
  return std::unique_ptr<LineWorker>(
      std::make_unique<DocumentWorker>(settings, encoder, std::move(documents), std::move(text)));
}

std::unique_ptr<LineWorker> MakeQueryWorker(BuildTextQuery build, retrieval::TextQuery query) {
  return std::make_unique<QueryWorker>(std::move(build), std::move(query));
}

}  // namespace foraker::cli
