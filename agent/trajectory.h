// What a run has done so far: the question, a step for every search, and the passages that were
// read. Planners, the stop policy and answerers look at nothing else (architecture 4.4).
//
// Plain structs. A passage is read once: later hits on it cost nothing and are not listed again.
// Ranges are UTF-8 bytes into the document's text. Source of the loop: FrugalRAG's ReAct agent
// (step 0 searches the question itself; then thought, tool, arguments, observation).

#ifndef FORAKER_AGENT_TRAJECTORY_H_
#define FORAKER_AGENT_TRAJECTORY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/stop/stop_features.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent {

// A passage as a search finds it.
struct Passage {
  std::string document_id;
  uint32_t ordinal = 0;        // in its document
  retrieval::ByteRange range;  // of the document's text
  std::string title;
  std::string text;  // the passage's, not the document's
  float score = 0;   // of the search that found it
  std::optional<float> rank_score;
};

struct ReadPassage {
  Passage passage;
  uint32_t step = 0;    // that read it
  uint32_t tokens = 0;  // what it cost (agent/tokens.h)
};

// What one search looks for.
struct SearchQuery {
  // As people read it, and what a language model wrote. Two queries with the same words are the
  // same query.
  std::string text;
  // Final weights of terms; empty: those of `text`, as the collection weighs them.
  std::vector<retrieval::NamedTerm> terms;
  // New passages to read at most; 0: what the run reads a search.
  uint32_t passages = 0;
};

enum class Tool { kSearch, kFinish };

// What came of a step's tool.
struct Observation {
  // Not empty: the tool failed (after its retries), or the call was refused, and why.
  std::string error;
  std::vector<size_t> read;  // places in Trajectory::passages, the best first
  uint32_t known = 0;        // hits that earlier steps had read
  bool exact = true;         // as the search's certificate says
  // Not empty: the reranker failed or ran out of time, so what was read is in the search's order.
  std::string rerank_error;
};

// How the step was decided on; for steps that a stop policy looked at.
struct StopDecision {
  StopFeatures features;
  double probability = 0;  // that another search is not worth its price
};

struct Step {
  uint32_t number = 0;
  std::string thought;
  Tool tool = Tool::kSearch;
  SearchQuery query;  // of kSearch
  Observation observation;
  std::optional<StopDecision> decision;
  absl::Duration took;
};

struct Trajectory {
  std::string question;
  std::vector<Step> steps;  // numbered from 0
  std::vector<ReadPassage> passages;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_TRAJECTORY_H_
