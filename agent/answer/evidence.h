// What was read, prepared for looking for an answer: the words and sentences of every passage,
// where the question's words stand in them, and which passages mention each other's titles.
//
// Built once a run; borrows the trajectory and the question.

#ifndef FORAKER_AGENT_ANSWER_EVIDENCE_H_
#define FORAKER_AGENT_ANSWER_EVIDENCE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "agent/answer/question.h"
#include "agent/answer/words.h"
#include "agent/trajectory.h"

namespace foraker::agent {

inline constexpr size_t kNoWord = static_cast<size_t>(-1);

struct SentenceEvidence {
  retrieval::ByteRange range;  // of the passage's text
  size_t first = 0, end = 0;   // its words
  double coverage = 0;         // share of the question's weight that its words hold
  double relation = 0;         // of the words nearest the question word
};

struct PassageEvidence {
  const ReadPassage* read = nullptr;
  std::string title;   // as an answer: without a parenthesis at its end
  std::string normal;  // of it (words.h)
  std::vector<Word> title_words;
  std::vector<Word> words;      // of the passage's text
  std::vector<size_t> matches;  // the question's word that each is, or kNoWord
  std::vector<SentenceEvidence> sentences;
  std::vector<bool> covered;  // by question word, title and text together
  double coverage = 0;
  double best_sentence = 0;
  double relation = 0;
  double title_in_question = 0;  // share of the title's words
  std::vector<size_t> mentions;  // passages whose titles its text holds
  std::vector<size_t> mentioned_by;
  double chain = 0;  // coverage together with the best passage it is linked to
};

class Evidence {
 public:
  Evidence(const Trajectory& trajectory, const Question& question);

  const Question& question() const { return question_; }
  const std::vector<PassageEvidence>& passages() const { return passages_; }
  double best_coverage() const { return best_coverage_; }
  double best_chain() const { return best_chain_; }
  double best_sentence() const { return best_sentence_; }
  double best_relation() const { return best_relation_; }
  uint32_t last_step() const { return last_step_; }
  // Share of the question's weight that two passages hold together.
  double Coverage(const PassageEvidence& one, const PassageEvidence& other) const;
  // The linked passage that adds most to what this one holds of the question; none: no link adds.
  std::optional<size_t> Source(size_t passage) const;
  // The question's word with that key, or kNoWord.
  size_t Match(const std::string& key) const;

 private:
  void Read(const ReadPassage& read);
  void Link();

  const Question& question_;
  std::vector<PassageEvidence> passages_;
  double best_coverage_ = 0, best_chain_ = 0, best_sentence_ = 0, best_relation_ = 0;
  uint32_t last_step_ = 0;
};

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_EVIDENCE_H_
