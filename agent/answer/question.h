// What a question asks for, worked out from its words: the kind of answer, the noun that names it,
// and how much each of its words counts.
//
// Pure; English question words. Source of the kinds: the coarse classes of question classification
// (Li and Roth, 2002), as far as they change where an answer is looked for.

#ifndef FORAKER_AGENT_ANSWER_QUESTION_H_
#define FORAKER_AGENT_ANSWER_QUESTION_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/answer/words.h"
#include "retrieval/api/searcher.h"

namespace foraker::agent {

enum class AnswerKind { kPerson, kPlace, kDate, kNumber, kName, kOther, kYesNo };
inline constexpr size_t kAnswerKinds = 7;
std::string_view AnswerKindName(AnswerKind kind);

struct Question {
  std::string text;
  std::vector<Word> words;
  std::vector<double> weights;   // a word's idf; 0 of function words and of repetitions
  std::vector<double> relation;  // the same, for the words nearest the question word alone
  double total = 0, relation_total = 0;
  AnswerKind kind = AnswerKind::kOther;
  size_t asked = 0;       // the word that asks ("which"); words.size(): none
  std::string head;       // key of the noun that names the answer ("city"); may be empty
  std::string head_word;  // as written, in lower case
  bool how_many = false;
  bool common = false;  // asks for what two things share
  // The things to choose among: "…, Social Code or Volcano Suns?"
  std::vector<retrieval::ByteRange> options;
  bool compares_less = false;  // asks for the earlier, older, smaller one
  bool compares_more = false;  // later, younger, larger
};

// `terms` are the question's, as the collection analyses it (stems alone where there are any);
// without any that says where it stands, every word counts alike.
Question AnalyzeQuestion(std::string_view text, std::span<const retrieval::AnalyzedTerm> terms);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_QUESTION_H_
