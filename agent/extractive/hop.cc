#include "agent/extractive/hop.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "agent/hits.h"
#include "base/status.h"

namespace foraker::agent {
namespace {

using retrieval::NamedTerm;

// Fitted on the training halves of two collections; each may be half or twice as large without
// much change (docs/benchmarks.md, "Agent").
constexpr double kCoveredDiscount = .6;
constexpr double kTitleWeight = .5;
constexpr double kPlainTitleIdf = 8;  // of a title that is no everyday word
constexpr double kNameWeight = .5;
constexpr size_t kMostNames = 10;

struct PassageKey {
  std::string document;
  uint32_t ordinal = 0;

  friend bool operator==(const PassageKey&, const PassageKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const PassageKey& key) {
    return H::combine(std::move(state), key.document, key.ordinal);
  }
};

// What a candidate led to.
struct Trial {
  const NameBridge* name = nullptr;
  PassageKey found;
  double score = 0;
};

void AddName(const NameBridge& name, std::vector<NamedTerm>& terms) {
  for (NamedTerm term : name.terms) {
    term.weight *= static_cast<float>(kNameWeight * name.trust);
    if (term.weight > 0) terms.push_back(std::move(term));
  }
}

class HopChooser {
 public:
  HopChooser(const HopStart& start, Session& session) : start_(start), session_(session) {
    for (const ReadPassage& read : start.trajectory.passages) {
      read_.insert({read.passage.document_id, read.passage.ordinal});
      documents_.insert(read.passage.document_id);
    }
    titles_ = Titles();
    shared_ = start.question.Open(kCoveredDiscount);
    for (const TitleBridge& title : titles_) {
      shared_.push_back({NamedTerm::Kind::kTitle, title.title,
                         static_cast<float>(start.best_score * WeightOf(title))});
    }
  }

  absl::StatusOr<std::optional<Hop>> Choose() {
    ASSIGN_OR_RETURN(std::vector<Trial> trials, Try());
    if (trials.empty()) return std::nullopt;
    std::stable_sort(trials.begin(), trials.end(),
                     [](const Trial& a, const Trial& b) { return a.score > b.score; });
    Hop hop{.terms = shared_,
            .names = {},
            .titles = std::move(titles_),
            .gain = trials.front().score / start_.best_score};
    absl::flat_hash_set<PassageKey> found;
    for (const Trial& trial : trials) {
      if (found.size() == start_.passages) break;
      if (!found.insert(trial.found).second || trial.name == nullptr) continue;
      AddName(*trial.name, hop.terms);
      hop.names.push_back(*trial.name);
    }
    return hop;
  }

 private:
  static double WeightOf(const TitleBridge& title) {
    return kTitleWeight * title.trust * std::min(1.0, title.idf / kPlainTitleIdf);
  }

  // Those that the question mentions, and those of bridges that lead to something unread.
  std::vector<TitleBridge> Titles() const {
    std::vector<TitleBridge> titles;
    for (const NamedTitle& title : start_.question.titles()) {
      TitleBridge& bridge = titles.emplace_back();
      bridge.title = title.title;
      bridge.idf = title.idf;
      bridge.trust = 1;
    }
    for (const TitleBridge& title : start_.bridges.titles()) {
      const bool named = std::any_of(titles.begin(), titles.end(), [&](const TitleBridge& other) {
        return other.title == title.title;
      });
      if (!named && LeadsOn(title)) titles.push_back(title);
    }
    std::erase_if(titles, [](const TitleBridge& title) { return WeightOf(title) <= 0; });
    std::stable_sort(titles.begin(), titles.end(), [](const TitleBridge& a, const TitleBridge& b) {
      return WeightOf(a) > WeightOf(b);
    });
    return titles;
  }

  bool LeadsOn(const TitleBridge& title) const {
    return std::any_of(title.documents.begin(), title.documents.end(),
                       [this](const std::string& id) { return !documents_.contains(id); });
  }

  std::vector<const NameBridge*> MostTrusted() const {
    std::vector<const NameBridge*> names;
    for (const NameBridge& name : start_.bridges.names()) names.push_back(&name);
    std::stable_sort(names.begin(), names.end(),
                     [](const NameBridge* a, const NameBridge* b) { return a->trust > b->trust; });
    if (names.size() > kMostNames) names.resize(kMostNames);
    return names;
  }

  // Of the candidates that lead to something unread: the one without a name first, then by trust.
  absl::StatusOr<std::vector<Trial>> Try() {
    std::vector<const NameBridge*> names = MostTrusted();
    names.insert(names.begin(), nullptr);
    std::vector<SearchQuery> queries;
    for (const NameBridge* name : names) {
      SearchQuery& query = queries.emplace_back();
      query = {.text = "", .terms = shared_, .passages = start_.passages};
      if (name != nullptr) AddName(*name, query.terms);
    }
    if (shared_.empty()) {  // a query without terms
      names.erase(names.begin());
      queries.erase(queries.begin());
    }
    const uint32_t k = HitsFor(start_.passages, session_.meter());
    ASSIGN_OR_RETURN(const std::vector<Found> found, session_.Try(queries, k));
    std::vector<Trial> trials;
    for (size_t i = 0; i < found.size(); ++i) AddTrial(names[i], found[i], trials);
    return trials;
  }

  void AddTrial(const NameBridge* name, const Found& found, std::vector<Trial>& trials) const {
    for (const Passage& passage : found.passages) {
      PassageKey key{passage.document_id, passage.ordinal};
      if (read_.contains(key)) continue;
      trials.push_back({name, std::move(key), passage.score});
      return;
    }
  }

  const HopStart& start_;
  Session& session_;
  absl::flat_hash_set<PassageKey> read_;
  absl::flat_hash_set<std::string> documents_;
  std::vector<TitleBridge> titles_;
  std::vector<NamedTerm> shared_;
};

}  // namespace

absl::StatusOr<std::optional<Hop>> ChooseHop(const HopStart& start, Session& session) {
  return HopChooser(start, session).Choose();
}

}  // namespace foraker::agent
