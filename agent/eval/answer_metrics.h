// How well an answer agrees with the known ones, as SQuAD's evaluation has it (Rajpurkar et al.,
// EMNLP 2016; evaluate-v1.1.py), which HotpotQA, MuSiQue and FrugalRAG use.
//
// Answers are compared in normal form: lower case, ASCII punctuation deleted, the words a, an and
// the replaced by blanks, white space made single blanks. Exact match asks for equal normal forms;
// F1 is that of the words, counted as often as they occur. Of several known answers (aliases) the
// best counts. Two empty answers match exactly, but share no word: their F1 is 0.
//
// Lower case reaches Latin, Greek and Cyrillic letters, which is what question sets hold; other
// scripts' letters stay. Pure functions of UTF-8; bytes that are none stay as they are.

#ifndef FORAKER_AGENT_EVAL_ANSWER_METRICS_H_
#define FORAKER_AGENT_EVAL_ANSWER_METRICS_H_

#include <span>
#include <string>
#include <string_view>

namespace foraker::agent {

std::string NormalizeAnswer(std::string_view answer);

struct AnswerMetrics {
  double em = 0;  // 0 or 1
  double f1 = 0;
};
AnswerMetrics CompareAnswers(std::string_view given, std::span<const std::string> known);

// "yes" or "no": a known answer that no passage spells out.
bool IsYesNo(std::string_view known);

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_EVAL_ANSWER_METRICS_H_
