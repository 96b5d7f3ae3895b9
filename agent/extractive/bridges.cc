#include "agent/extractive/bridges.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/answer/sentences.h"
#include "agent/extractive/capitalised_spans.h"

namespace foraker::agent {
namespace {

using retrieval::AnalyzedTerm;
using retrieval::ByteRange;
using retrieval::NamedTerm;

// Of a bridge's trust, what the rest of the sentence decides.
constexpr double kSentenceShare = .8;

// How much each sentence of a passage has to do with the question, from 0 to 1 for the best.
class SentenceRelation {
 public:
  SentenceRelation(std::string_view text, const QuestionTerms& question,
                   std::span<const AnalyzedTerm> terms)
      : sentences_(SplitSentences(text)), weights_(sentences_.size()) {
    std::vector<std::vector<AnalyzedTerm>> held(sentences_.size());
    for (const AnalyzedTerm& term : terms) {
      if (!sentences_.empty() && KindOf(term) == NamedTerm::Kind::kStem) {
        held[IndexAt(term.range.begin)].push_back(term);
      }
    }
    for (size_t i = 0; i < held.size(); ++i) weights_[i] = question.WeightOf(held[i]);
    for (const double weight : weights_) best_ = std::max(best_, weight);
  }

  double At(uint32_t place) const { return best_ > 0 ? weights_[IndexAt(place)] / best_ : 0; }

 private:
  size_t IndexAt(uint32_t place) const {
    const auto after = std::upper_bound(
        sentences_.begin() + 1, sentences_.end(), place,
        [](uint32_t at, const ByteRange& sentence) { return at < sentence.begin; });
    return static_cast<size_t>(after - sentences_.begin()) - 1;
  }

  std::vector<ByteRange> sentences_;
  std::vector<double> weights_;
  double best_ = 0;
};

// Terms inside `range` that the question lacks, each once.
std::vector<NamedTerm> NewTerms(std::span<const AnalyzedTerm> terms, ByteRange range,
                                const QuestionTerms& question) {
  std::vector<NamedTerm> inside;
  for (const AnalyzedTerm& term : terms) {
    const NamedTerm::Kind kind = KindOf(term);
    if (kind == NamedTerm::Kind::kTitle || term.weight <= 0 || question.Has(term)) continue;
    // A possessive ends beyond its name.
    if (term.range.begin < range.begin || term.range.begin >= range.end) continue;
    const bool known = std::any_of(inside.begin(), inside.end(), [&](const NamedTerm& other) {
      return other.kind == kind && other.text == term.term;
    });
    if (!known) inside.push_back({kind, term.term, term.weight});
  }
  return inside;
}

std::string KeyOf(const std::vector<NamedTerm>& terms) {
  std::string key;
  for (const NamedTerm& term : terms) {
    absl::StrAppend(&key, static_cast<int>(term.kind), term.text, "\n");
  }
  return key;
}

std::string_view Cut(std::string_view text, ByteRange range) {
  return text.substr(range.begin, range.end - range.begin);
}

}  // namespace

void Bridges::Add(size_t source, const Passage& passage, double trust,
                  const QuestionTerms& question, std::span<const AnalyzedTerm> terms,
                  std::span<const retrieval::Link> links) {
  const std::string_view text = passage.text;
  const SentenceRelation relation(text, question, terms);
  const auto trust_at = [&](uint32_t place) {
    return trust * (1 - kSentenceShare + kSentenceShare * relation.At(place));
  };
  for (const retrieval::Link& link : links) {
    // Ranges of links are those of the document.
    if (link.range.begin < passage.range.begin || link.range.end < link.range.begin ||
        link.range.end - passage.range.begin > text.size()) {
      continue;
    }
    const ByteRange place{link.range.begin - passage.range.begin,
                          link.range.end - passage.range.begin};
    const auto words = 1 + std::count(link.title.begin(), link.title.end(), ' ');
    AddTitle({.title = link.title,
              .name = std::string(Cut(text, place)),
              .idf = link.title_idf * static_cast<double>(words),
              .documents = link.document_ids,
              .trust = trust_at(place.begin),
              .source = source});
  }
  for (const ByteRange& span : CapitalisedSpans(text)) {
    AddName({.name = std::string(Cut(text, span)),
             .terms = NewTerms(terms, span, question),
             .trust = trust_at(span.begin),
             .source = source});
  }
}

void Bridges::AddTitle(TitleBridge bridge) {
  const auto [at, added] = title_places_.try_emplace(bridge.title, titles_.size());
  if (added) {
    titles_.push_back(std::move(bridge));
  } else if (bridge.trust > titles_[at->second].trust) {
    // A document that names its own title is not among the bearers it links to.
    std::vector<std::string>& known = titles_[at->second].documents;
    if (known.size() > bridge.documents.size()) bridge.documents = std::move(known);
    titles_[at->second] = std::move(bridge);
  }
}

void Bridges::AddName(NameBridge bridge) {
  if (bridge.terms.empty()) return;
  const auto [at, added] = name_places_.try_emplace(KeyOf(bridge.terms), names_.size());
  if (added) {
    names_.push_back(std::move(bridge));
  } else if (bridge.trust > names_[at->second].trust) {
    names_[at->second] = std::move(bridge);
  }
}

}  // namespace foraker::agent
