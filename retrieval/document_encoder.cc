#include "retrieval/document_encoder.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/float16.h"
#include "base/status.h"
#include "model/analyzer/analyzer.h"
#include "retrieval/passage_cutter.h"
#include "retrieval/titles.h"

namespace foraker::retrieval {
namespace {

using index::Position;
using index::TermKey;
using index::TermNamespace;
using model::AnalyzedWord;

constexpr size_t kMaxTextBytes = 0x7fffffff;  // ICU counts in 32 bits

// One occurrence of a stem. Ordered by key, then position: the first occurrence in the text comes
// first, and title and far words (kTitlePosition, kNoPosition, the highest values) come last.
struct Occurrence {
  TermKey key;
  Position position;

  friend auto operator<=>(const Occurrence&, const Occurrence&) = default;
};

Position PositionIn(uint32_t word_begin, uint32_t passage_begin) {
  const uint32_t offset = word_begin - passage_begin;
  return offset < index::kTitlePosition ? static_cast<Position>(offset) : index::kNoPosition;
}

class Bm25Encoder final : public DocumentEncoder {
 public:
  Bm25Encoder(DocumentSide settings, const model::Analyzer& analyzer,
              std::unique_ptr<PassageCutter> cutter)
      : settings_(std::move(settings)),
        title_session_(analyzer.NewSession()),
        text_session_(analyzer.NewSession()),
        cutter_(std::move(cutter)) {}

  absl::Status Encode(index::Document& document, const NameTerm& name_term) override;
  void Measure(std::string_view title, std::string_view text, uint64_t& stems,
               uint64_t& passages) override;

 private:
  // Words of title and text, and the passages; a title without text makes one empty passage.
  void Read(std::string_view title, std::string_view text);
  void MakeVector(const PassageSpan& span, bool first, index::SparseVector& vector);
  float Weight(size_t tf, size_t length) const;
  void AddTitleTerm(std::string_view title, index::Document& document, const NameTerm& name_term);
  void NameStems(std::span<const AnalyzedWord> words, const NameTerm& name_term);

  const DocumentSide settings_;
  const std::unique_ptr<model::Analyzer::Session> title_session_;
  const std::unique_ptr<model::Analyzer::Session> text_session_;
  const std::unique_ptr<PassageCutter> cutter_;
  std::span<const AnalyzedWord> title_words_;  // the sessions'
  std::span<const AnalyzedWord> text_words_;
  std::vector<PassageSpan> spans_;
  std::vector<Occurrence> occurrences_;
  absl::flat_hash_set<TermKey> named_;
};

TermKey StemKey(const AnalyzedWord& word) {
  return index::HashedTermKey(TermNamespace::kStem, word.stem);
}

void Bm25Encoder::Read(std::string_view title, std::string_view text) {
  title_words_ = title_session_->Analyze(title);
  text_words_ = text_session_->Analyze(text);
  cutter_->Cut(text, text_words_, spans_);
  if (spans_.empty() && !title_words_.empty()) spans_.push_back({0, 0, 0, 0});
}

// BM25's saturation of term frequency (Robertson and Walker, 1994), with idf left to the query.
float Bm25Encoder::Weight(size_t tf, size_t length) const {
  const double relative = static_cast<double>(length) / settings_.reference_length;
  const double saturation = settings_.k1 * (1.0 - settings_.b + settings_.b * relative);
  const auto count = static_cast<double>(tf);
  const auto weight = static_cast<float>(count * (settings_.k1 + 1.0) / (count + saturation));
  return std::max(weight, base::kMinWeight);
}

void Bm25Encoder::MakeVector(const PassageSpan& span, bool first, index::SparseVector& vector) {
  occurrences_.clear();
  for (const AnalyzedWord& word :
       text_words_.subspan(span.first_word, span.end_word - span.first_word)) {
    if (!word.stop) occurrences_.push_back({StemKey(word), PositionIn(word.begin, span.begin)});
  }
  if (first) {
    for (const AnalyzedWord& word : title_words_) {
      if (!word.stop) occurrences_.push_back({StemKey(word), index::kTitlePosition});
    }
  }
  std::sort(occurrences_.begin(), occurrences_.end());
  for (size_t i = 0; i < occurrences_.size();) {
    size_t end = i + 1;
    while (end < occurrences_.size() && occurrences_[end].key == occurrences_[i].key) ++end;
    vector.keys.push_back(occurrences_[i].key);
    vector.weights.push_back(base::FloatToFloat16(Weight(end - i, occurrences_.size())));
    if (settings_.positions) vector.positions.push_back(occurrences_[i].position);
    i = end;
  }
}

void Bm25Encoder::AddTitleTerm(std::string_view title, index::Document& document,
                               const NameTerm& name_term) {
  const std::string normal = NormalizeTitle(title);
  if (normal.empty()) return;
  const TermKey key = index::HashedTermKey(TermNamespace::kTitle, normal);
  for (index::Passage& passage : document.passages) {
    // Title keys sort behind stems: their namespace is higher.
    passage.vector.keys.push_back(key);
    passage.vector.weights.push_back(base::FloatToFloat16(1.0f));
    if (settings_.positions) passage.vector.positions.push_back(index::kTitlePosition);
  }
  if (name_term != nullptr && !document.passages.empty()) name_term(key, normal);
}

void Bm25Encoder::NameStems(std::span<const AnalyzedWord> words, const NameTerm& name_term) {
  for (const AnalyzedWord& word : words) {
    if (word.stop) continue;
    const TermKey key = StemKey(word);
    if (named_.insert(key).second) name_term(key, word.stem);
  }
}

absl::Status Bm25Encoder::Encode(index::Document& document, const NameTerm& name_term) {
  if (!(settings_.reference_length > 0)) {
    return absl::FailedPreconditionError("the collection's reference_length is not set");
  }
  if (std::max(document.text.size(), document.title.size()) > kMaxTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrFormat("document \"%s\": title and text must be below 2 GiB each", document.id));
  }
  Read(document.title, document.text);
  document.passages.clear();
  document.passages.resize(spans_.size());
  for (size_t i = 0; i < spans_.size(); ++i) {
    index::Passage& passage = document.passages[i];
    passage.text_begin = spans_[i].begin;
    passage.text_end = spans_[i].end;
    MakeVector(spans_[i], i == 0, passage.vector);
  }
  if (settings_.titles) AddTitleTerm(document.title, document, name_term);
  if (name_term != nullptr) {
    named_.clear();
    NameStems(title_words_, name_term);
    NameStems(text_words_, name_term);
  }
  return absl::OkStatus();
}

void Bm25Encoder::Measure(std::string_view title, std::string_view text, uint64_t& stems,
                          uint64_t& passages) {
  Read(title, text);
  const auto indexed = [](const AnalyzedWord& word) { return !word.stop; };
  stems += static_cast<uint64_t>(std::count_if(title_words_.begin(), title_words_.end(), indexed));
  stems += static_cast<uint64_t>(std::count_if(text_words_.begin(), text_words_.end(), indexed));
  passages += spans_.size();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DocumentEncoder>> DocumentEncoder::Create(
    const DocumentSide& settings) {
  if (settings.encoder != "bm25") {
    return absl::InvalidArgumentError(absl::StrCat(
        "encoder \"", settings.encoder, "\" makes no vectors of text: expected \"bm25\""));
  }
  ASSIGN_OR_RETURN(
      const std::shared_ptr<const model::Analyzer> analyzer,
      model::Analyzer::Create({settings.language, settings.stemmer, settings.stop_words}));
  ASSIGN_OR_RETURN(std::unique_ptr<PassageCutter> cutter,
                   PassageCutter::Create(settings.passage_tokens));
  return std::unique_ptr<DocumentEncoder>(
      std::make_unique<Bm25Encoder>(settings, *analyzer, std::move(cutter)));
}

}  // namespace foraker::retrieval
