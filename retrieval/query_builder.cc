#include "retrieval/query_builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/float16.h"
#include "base/status.h"
#include "model/analyzer/analyzer.h"
#include "model/analyzer/session_pool.h"
#include "retrieval/titles.h"

namespace foraker::retrieval {
namespace {

using index::TermKey;
using index::TermNamespace;
using model::AnalyzedWord;

constexpr size_t kMoreLikeThisTerms = 32;

using Words = std::vector<AnalyzedWord>;
using TermsByKey = std::map<TermKey, BuiltTerm>;  // ascending: the order of a query vector

TermKey StemKey(const AnalyzedWord& word) {
  return index::HashedTermKey(TermNamespace::kStem, word.stem);
}

absl::StatusOr<double> IdfOf(const AnalyzedWord& word, const IdfTable& idf) {
  ASSIGN_OR_RETURN(const TermIdf term, idf.Get(StemKey(word)));
  return term.idf;
}

absl::StatusOr<std::vector<Mention>> TitlesIn(std::string_view text, const Words& words,
                                              const IdfTable& idf) {
  MentionOptions options;
  options.min_word_idf = kRareWordIdf;
  const auto exists = [&](std::string_view title) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const TermIdf term,
                     idf.Get(index::HashedTermKey(TermNamespace::kTitle, title)));
    return term.document_frequency > 0;
  };
  return FindMentions(
      text, words, exists, [&](const AnalyzedWord& word) { return IdfOf(word, idf); }, options);
}

// Of the mention's stems.
absl::StatusOr<double> SummedIdf(const Words& words, const Mention& mention, const IdfTable& idf) {
  double sum = 0;
  for (size_t i = mention.first_word; i < mention.end_word; ++i) {
    if (words[i].stop) continue;
    ASSIGN_OR_RETURN(const double word_idf, IdfOf(words[i], idf));
    sum += word_idf;
  }
  return sum;
}

// Whether the statistics show that no passage has the term.
bool IsUnknown(const BuiltTerm& term, const IdfTable& idf) {
  return idf.published() && term.document_frequency == 0 &&
         index::NamespaceOf(term.key) != TermNamespace::kWordPiece;
}

// Splits what exists from what does not. Weights that came out as zero are left out silently: they
// could add nothing.
void Finish(TermsByKey terms, const IdfTable& idf, BuiltQuery& query) {
  for (auto& [key, term] : terms) {
    if (IsUnknown(term, idf)) {
      query.unknown.push_back(std::move(term));
    } else if (term.weight > 0) {
      query.vector.push_back({key, term.weight});
      query.terms.push_back(std::move(term));
    }
  }
}

// Ids of a vocabulary have 32 bits.
uint32_t TokenOf(TermKey key) { return static_cast<uint32_t>(key); }
TermKey TokenKey(uint32_t id) { return index::NumberedTermKey(TermNamespace::kWordPiece, id); }

absl::StatusOr<TermKey> KeyOfToken(const std::string& token, const QueryEncoder* encoder) {
  if (encoder == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrFormat("term token \"%s\": this collection's encoder has no vocabulary of tokens, "
                        "expected stem, title or imported",
                        token));
  }
  const std::optional<uint32_t> id = encoder->vocabulary().IdOf(token);
  if (id.has_value()) return TokenKey(*id);
  return absl::InvalidArgumentError(
      absl::StrFormat("term token \"%s\": not one of the %d tokens of the collection's encoder",
                      token, encoder->vocabulary().vocabulary_size()));
}

absl::StatusOr<TermKey> KeyOf(const NamedTerm& term, const QueryEncoder* encoder,
                              std::string& text) {
  text = term.text;
  switch (term.kind) {
    case NamedTerm::Kind::kStem:
      return index::HashedTermKey(TermNamespace::kStem, text);
    case NamedTerm::Kind::kImported:
      return index::HashedTermKey(TermNamespace::kImported, text);
    case NamedTerm::Kind::kTitle:
      text = NormalizeTitle(term.text);
      return index::HashedTermKey(TermNamespace::kTitle, text);
    case NamedTerm::Kind::kToken:
      return KeyOfToken(text, encoder);
  }
  return absl::InvalidArgumentError(absl::StrFormat("term \"%s\": of no known kind", text));
}

class SettingsQueryBuilder final : public QueryBuilder {
 public:
  SettingsQueryBuilder(CollectionSettings settings, std::shared_ptr<const model::Analyzer> analyzer,
                       std::shared_ptr<const QueryEncoder> encoder)
      : settings_(std::move(settings)),
        encoder_(std::move(encoder)),
        sessions_(std::move(analyzer)) {}

  absl::StatusOr<BuiltQuery> FromText(const TextQuery& query, const IdfTable& idf) const override;
  absl::StatusOr<BuiltQuery> FromTerms(const SparseQuery& query,
                                       const IdfTable& idf) const override;
  absl::StatusOr<BuiltQuery> FromDocument(std::span<const index::SparseVector> passages,
                                          const std::function<std::string(TermKey)>& name_of,
                                          const IdfTable& idf) const override;
  absl::StatusOr<std::vector<AnalyzedTerm>> Analyze(std::string_view text,
                                                    const IdfTable& idf) const override;

 private:
  absl::Status CheckTakesText() const;
  // The learned terms of the query; counts its tokens in `built`.
  absl::Status AddLearned(const TextQuery& query, const IdfTable& idf, TermsByKey& terms,
                          BuiltQuery& built) const;
  absl::Status AddToken(uint32_t id, ByteRange range, std::optional<float> weight,
                        const IdfTable& idf, TermsByKey& terms) const;
  static absl::Status AddStems(const Words& words, float stem_weight, const IdfTable& idf,
                               TermsByKey& terms);
  static absl::Status AddTitles(std::string_view text, const Words& words, float title_weight,
                                const IdfTable& idf, TermsByKey& terms);

  const CollectionSettings settings_;
  const std::shared_ptr<const QueryEncoder> encoder_;  // null: no learned terms
  mutable model::SessionPool sessions_;                // thread-safe
};

absl::Status SettingsQueryBuilder::CheckTakesText() const {
  if (encoder_ != nullptr || settings_.document.encoder == "bm25") return absl::OkStatus();
  return absl::InvalidArgumentError(
      "query: the collection holds imported vectors, expected a sparse vector, not text");
}

absl::Status SettingsQueryBuilder::AddToken(uint32_t id, ByteRange range,
                                            std::optional<float> weight, const IdfTable& idf,
                                            TermsByKey& terms) const {
  const auto [at, added] = terms.try_emplace(TokenKey(id));
  if (!added) return absl::OkStatus();  // a repeated token counts once
  ASSIGN_OR_RETURN(const TermIdf found, idf.Get(at->first));
  at->second = {at->first,
                std::string(encoder_->vocabulary().TextOf(id)),
                weight.value_or(std::max(0.0f, static_cast<float>(found.idf))),
                found.idf,
                found.document_frequency,
                range};
  return absl::OkStatus();
}

absl::Status SettingsQueryBuilder::AddLearned(const TextQuery& query, const IdfTable& idf,
                                              TermsByKey& terms, BuiltQuery& built) const {
  if (encoder_ == nullptr) {
    if (query.encoding != QueryEncoding::kEncoder) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrFormat(
        "query.encoding: the collection's encoder is \"%s\", which has no model to encode a query",
        settings_.document.encoder));
  }
  if (query.encoding.value_or(settings_.query.query_encoding) == QueryEncoding::kTable) {
    const std::vector<model::Token> tokens = encoder_->Tokens(query.text);
    built.tokens_read = static_cast<uint32_t>(tokens.size());
    for (const model::Token& token : tokens) {
      RETURN_IF_ERROR(AddToken(token.id, {token.begin, token.end}, std::nullopt, idf, terms));
    }
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const QueryEncoder::EncodedText encoded, encoder_->Encode(query.text));
  for (const QueryEncoder::WeightedToken& token : encoded.tokens) {
    RETURN_IF_ERROR(
        AddToken(token.id, {token.source.begin, token.source.end}, token.weight, idf, terms));
  }
  built.tokens_read = encoded.tokens_read;
  built.tokens_dropped = encoded.tokens_dropped;
  return absl::OkStatus();
}

absl::Status SettingsQueryBuilder::AddStems(const Words& words, float stem_weight,
                                            const IdfTable& idf, TermsByKey& terms) {
  for (const AnalyzedWord& word : words) {
    if (word.stop) continue;
    const auto [at, added] = terms.try_emplace(StemKey(word));
    if (!added) continue;  // a repeated word counts once
    ASSIGN_OR_RETURN(const TermIdf found, idf.Get(at->first));
    at->second = {at->first, std::string(word.stem),   static_cast<float>(found.idf * stem_weight),
                  found.idf, found.document_frequency, ByteRange{word.begin, word.end}};
  }
  return absl::OkStatus();
}

absl::Status SettingsQueryBuilder::AddTitles(std::string_view text, const Words& words,
                                             float title_weight, const IdfTable& idf,
                                             TermsByKey& terms) {
  ASSIGN_OR_RETURN(const std::vector<Mention> mentions, TitlesIn(text, words, idf));
  for (const Mention& mention : mentions) {
    const TermKey key = index::HashedTermKey(TermNamespace::kTitle, mention.title);
    const auto [at, added] = terms.try_emplace(key);
    if (!added) continue;  // mentioned twice
    ASSIGN_OR_RETURN(const double words_idf, SummedIdf(words, mention, idf));
    ASSIGN_OR_RETURN(const TermIdf found, idf.Get(key));
    at->second = {key,
                  mention.title,
                  static_cast<float>(title_weight * words_idf),
                  found.idf,
                  found.document_frequency,
                  ByteRange{mention.begin, mention.end}};
  }
  return absl::OkStatus();
}

absl::StatusOr<BuiltQuery> SettingsQueryBuilder::FromText(const TextQuery& query,
                                                          const IdfTable& idf) const {
  RETURN_IF_ERROR(CheckTakesText());
  const float stem_weight = query.stem_weight.value_or(settings_.query.stem_weight);
  const float title_weight = query.title_weight.value_or(settings_.query.title_weight);
  for (const auto& [name, weight] :
       {std::pair("stem_weight", stem_weight), std::pair("title_weight", title_weight)}) {
    if (!(weight >= 0) || !std::isfinite(weight)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: expected a finite number from 0, found %g", name, weight));
    }
  }
  const model::SessionPool::Lease session = sessions_.Borrow();
  const Words& words = session->Analyze(query.text);
  TermsByKey terms;
  BuiltQuery built;
  RETURN_IF_ERROR(AddLearned(query, idf, terms, built));
  if (stem_weight > 0 && settings_.document.stems)
    RETURN_IF_ERROR(AddStems(words, stem_weight, idf, terms));
  if (title_weight > 0) RETURN_IF_ERROR(AddTitles(query.text, words, title_weight, idf, terms));
  Finish(std::move(terms), idf, built);
  return built;
}

absl::StatusOr<BuiltQuery> SettingsQueryBuilder::FromTerms(const SparseQuery& query,
                                                           const IdfTable& idf) const {
  TermsByKey terms;
  for (const NamedTerm& named : query.terms) {
    std::string text;
    ASSIGN_OR_RETURN(const TermKey key, KeyOf(named, encoder_.get(), text));
    if (!(named.weight > 0) || !std::isfinite(named.weight)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "term \"%s\": expected a finite weight above 0, found %g", named.text, named.weight));
    }
    const auto [at, added] = terms.try_emplace(key);
    BuiltTerm& term = at->second;
    if (added) {
      ASSIGN_OR_RETURN(const TermIdf found, idf.Get(key));
      term.key = key;
      term.text = std::move(text);
      term.idf = found.idf;
      term.document_frequency = found.document_frequency;
    }
    term.weight += named.weight;
    if (!std::isfinite(term.weight)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("term \"%s\": its weights add up to infinity", named.text));
    }
  }
  BuiltQuery built;
  Finish(std::move(terms), idf, built);
  return built;
}

absl::StatusOr<BuiltQuery> SettingsQueryBuilder::FromDocument(
    std::span<const index::SparseVector> passages,
    const std::function<std::string(TermKey)>& name_of, const IdfTable& idf) const {
  std::map<TermKey, float> highest;  // stored weight over the passages
  for (const index::SparseVector& passage : passages) {
    for (size_t i = 0; i < passage.keys.size(); ++i) {
      if (index::NamespaceOf(passage.keys[i]) == TermNamespace::kTitle) continue;
      float& weight = highest[passage.keys[i]];
      weight = std::max(weight, base::Float16ToFloat(passage.weights[i]));
    }
  }
  std::vector<BuiltTerm> candidates;
  candidates.reserve(highest.size());
  for (const auto& [key, weight] : highest) {
    ASSIGN_OR_RETURN(const TermIdf found, idf.Get(key));
    BuiltTerm& term = candidates.emplace_back();
    term.key = key;
    const bool is_stem = index::NamespaceOf(key) == TermNamespace::kStem;
    term.weight =
        static_cast<float>(weight * found.idf) * (is_stem ? settings_.query.stem_weight : 1.0f);
    term.idf = found.idf;
    term.document_frequency = found.document_frequency;
  }
  const size_t kept = std::min(candidates.size(), kMoreLikeThisTerms);
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(kept),
                    candidates.end(), [](const BuiltTerm& a, const BuiltTerm& b) {
                      return a.weight != b.weight ? a.weight > b.weight : a.key < b.key;
                    });
  TermsByKey terms;
  for (size_t i = 0; i < kept; ++i) {
    BuiltTerm& term = candidates[i];
    if (encoder_ != nullptr && index::NamespaceOf(term.key) == TermNamespace::kWordPiece) {
      term.text = encoder_->vocabulary().TextOf(TokenOf(term.key));
    } else if (name_of != nullptr) {
      term.text = name_of(term.key);
    }
    terms.emplace(term.key, std::move(term));
  }
  BuiltQuery built;
  Finish(std::move(terms), idf, built);
  return built;
}

absl::StatusOr<std::vector<AnalyzedTerm>> SettingsQueryBuilder::Analyze(std::string_view text,
                                                                        const IdfTable& idf) const {
  RETURN_IF_ERROR(CheckTakesText());
  const model::SessionPool::Lease session = sessions_.Borrow();
  const Words& words = session->Analyze(text);
  std::vector<AnalyzedTerm> terms;
  // `weight` gives a text query's weight of a term with this idf.
  const auto add = [&](TermKey key, std::string_view term, ByteRange range,
                       auto&& weight) -> absl::Status {
    ASSIGN_OR_RETURN(const TermIdf found, idf.Get(key));
    terms.push_back({std::string(TermKindName(index::NamespaceOf(key))), std::string(term),
                     found.idf, found.document_frequency, static_cast<float>(weight(found.idf)),
                     range});
    return absl::OkStatus();
  };
  if (encoder_ != nullptr) {
    for (const model::Token& token : encoder_->Tokens(text)) {
      RETURN_IF_ERROR(add(TokenKey(token.id), encoder_->vocabulary().TextOf(token.id),
                          {token.begin, token.end},
                          [](double term_idf) { return std::max(0.0, term_idf); }));
    }
  }
  for (const AnalyzedWord& word : words) {
    if (word.stop || !settings_.document.stems) continue;
    RETURN_IF_ERROR(add(StemKey(word), word.stem, {word.begin, word.end},
                        [&](double term_idf) { return term_idf * settings_.query.stem_weight; }));
  }
  std::stable_sort(terms.begin(), terms.end(), [](const AnalyzedTerm& a, const AnalyzedTerm& b) {
    return a.range.begin < b.range.begin;
  });
  ASSIGN_OR_RETURN(const std::vector<Mention> mentions, TitlesIn(text, words, idf));
  for (const Mention& mention : mentions) {
    ASSIGN_OR_RETURN(const double words_idf, SummedIdf(words, mention, idf));
    RETURN_IF_ERROR(add(index::HashedTermKey(TermNamespace::kTitle, mention.title), mention.title,
                        {mention.begin, mention.end},
                        [&](double) { return words_idf * settings_.query.title_weight; }));
  }
  return terms;
}

}  // namespace

std::string_view TermKindName(TermNamespace ns) {
  switch (ns) {
    case TermNamespace::kWordPiece:
      return "token";
    case TermNamespace::kStem:
      return "stem";
    case TermNamespace::kTitle:
      return "title";
    case TermNamespace::kImported:
      return "imported";
  }
  return "unknown";
}

absl::StatusOr<std::unique_ptr<QueryBuilder>> QueryBuilder::Create(
    const CollectionSettings& settings, std::shared_ptr<const QueryEncoder> encoder) {
  const DocumentSide& side = settings.document;
  ASSIGN_OR_RETURN(std::shared_ptr<const model::Analyzer> analyzer,
                   model::Analyzer::Create({side.language, side.stemmer, side.stop_words}));
  return std::unique_ptr<QueryBuilder>(
      std::make_unique<SettingsQueryBuilder>(settings, std::move(analyzer), std::move(encoder)));
}

}  // namespace foraker::retrieval
