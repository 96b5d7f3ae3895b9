// Bridges: names in what was read that may lead to the next passage. A question of several hops
// names its first entity; the next one is named by the passage that answers the hop before.
//
// Two kinds. A *title* of the collection that a passage mentions leads to its documents by one
// exact term. Any other name (agent/extractive/capitalised_spans.h) leads to passages that hold its
// words, which also works where documents have no titles, and where the next passage is not about
// the name but mentions it.
//
// A bridge is trusted as its passage is, and more where its sentence holds more of the question:
//
//   trust = passage's trust x (.2 + .8 x the question's weight in the sentence / in the best one)
//
// One thread.

#ifndef FORAKER_AGENT_EXTRACTIVE_BRIDGES_H_
#define FORAKER_AGENT_EXTRACTIVE_BRIDGES_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "agent/extractive/question_terms.h"
#include "agent/trajectory.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent {

struct TitleBridge {
  std::string title;                   // normalised
  std::string name;                    // as the passage writes it
  double idf = 0;                      // summed over its words
  std::vector<std::string> documents;  // that bear it, as far as they are known
  double trust = 0;
  size_t source = 0;  // place of the passage in the trajectory
};

struct NameBridge {
  std::string name;                         // as the passage writes it
  std::vector<retrieval::NamedTerm> terms;  // those that the question lacks, in full weight
  double trust = 0;
  size_t source = 0;
};

class Bridges {
 public:
  // What the passage at `source` names; `terms` are those of its text, `links` its mentions.
  void Add(size_t source, const Passage& passage, double trust, const QuestionTerms& question,
           std::span<const retrieval::AnalyzedTerm> terms, std::span<const retrieval::Link> links);

  // Each once, with the trust of the place that is trusted most, in the order of first mention.
  const std::vector<TitleBridge>& titles() const { return titles_; }
  const std::vector<NameBridge>& names() const { return names_; }

 private:
  void AddTitle(TitleBridge bridge);
  void AddName(NameBridge bridge);

  std::vector<TitleBridge> titles_;
  std::vector<NameBridge> names_;
  absl::flat_hash_map<std::string, size_t> title_places_;
  absl::flat_hash_map<std::string, size_t> name_places_;  // by their terms
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EXTRACTIVE_BRIDGES_H_
