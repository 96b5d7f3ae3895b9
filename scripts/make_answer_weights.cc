// Fits the extractive answerer's weights, for models/answerer/weights.tsv.
//
//   make_answer_weights QUESTIONS.jsonl > models/answerer/weights.tsv
//
// A line: {"id", "question", "answers": [...], "weight", "held_out", "idf": {word: idf},
// "passages": [{"title", "text", "step"}]}, as scripts/answer_questions.py writes them. Of a
// "held_out" line only the training half is used (agent/eval/split.h, seed 13), so that what is
// reported on the other half was never seen.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/answer/candidates.h"
#include "agent/answer/evidence.h"
#include "agent/answer/features.h"
#include "agent/answer/question.h"
#include "agent/eval/answer_metrics.h"
#include "agent/eval/split.h"
#include "agent/stop/lbfgs.h"

namespace foraker::agent {
namespace {

constexpr uint64_t kSplitSeed = 13;
constexpr size_t kWrongCandidates = 200;  // kept a question, each standing for several
constexpr double kSharedPenalty = 1, kKindPenalty = 2;  // of L2
constexpr uint32_t kSteps = 80;

struct Row {
  Features features;
  double credit = 0;  // 1 for an exact answer, less for a near one
  double stands_for = 1;
};
struct Example {
  AnswerKind kind = AnswerKind::kOther;
  double weight = 1;
  std::vector<Row> rows;
};

Trajectory ReadTrajectory(const nlohmann::json& line) {
  Trajectory trajectory;
  trajectory.question = line.at("question").get<std::string>();
  for (const nlohmann::json& from : line.at("passages")) {
    ReadPassage read;
    read.passage.title = from.at("title").get<std::string>();
    read.passage.text = from.at("text").get<std::string>();
    read.step = from.at("step").get<uint32_t>();
    trajectory.passages.push_back(std::move(read));
  }
  return trajectory;
}

std::vector<retrieval::AnalyzedTerm> ReadTerms(const nlohmann::json& line,
                                               const std::string& question) {
  std::vector<retrieval::AnalyzedTerm> terms;
  for (const Word& word : SplitWords(question)) {
    const auto idf = line.at("idf").find(word.lower);
    if (idf == line.at("idf").end()) continue;
    retrieval::AnalyzedTerm term;
    term.kind = "stem";
    term.idf = idf->get<double>();
    term.range = {word.begin, word.end};
    terms.push_back(std::move(term));
  }
  return terms;
}

double Credit(const AnswerMetrics& metrics) {
  if (metrics.em == 1) return 1;
  return metrics.f1 > 0.4 ? 0.4 * metrics.f1 : 0;
}

Example MakeExample(const nlohmann::json& line) {
  const Trajectory trajectory = ReadTrajectory(line);
  const auto answers = line.at("answers").get<std::vector<std::string>>();
  const Question question =
      AnalyzeQuestion(trajectory.question, ReadTerms(line, trajectory.question));
  const Evidence evidence(trajectory, question);
  const std::vector<Candidate> candidates = FindCandidates(evidence);
  const std::vector<Features> features = DescribeCandidates(evidence, candidates);
  Example example{question.kind, line.at("weight").get<double>(), {}};
  std::vector<Row> wrong;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Row row{features[i], Credit(CompareAnswers(candidates[i].text, answers)), 1};
    (row.credit > 0 ? example.rows : wrong).push_back(row);
  }
  if (example.rows.empty()) return example;
  const double step = std::max(1.0, static_cast<double>(wrong.size()) / kWrongCandidates);
  for (double at = 0; at < static_cast<double>(wrong.size()); at += step) {
    example.rows.push_back(wrong[static_cast<size_t>(at)]);
    example.rows.back().stands_for = step;
  }
  return example;
}

bool IsUsed(const nlohmann::json& line) {
  const std::string id = line.at("id").get<std::string>();
  return !IsYesNo(line.at("answers").at(0).get<std::string>()) &&
         (!line.at("held_out").get<bool>() || SplitHalf(id, kSplitSeed) == Half::kTraining);
}

// Minus the log of the expected credit, with its gradient, of weights [1 + kinds][features].
double Loss(const std::vector<Example>& examples, const std::vector<double>& weights,
            std::vector<double>& gradient) {
  double loss = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double penalty = i < kFeatures ? kSharedPenalty : kKindPenalty;
    loss += penalty / 2 * weights[i] * weights[i];
    gradient[i] = penalty * weights[i];
  }
  for (const Example& example : examples) {
    const size_t own = (1 + static_cast<size_t>(example.kind)) * kFeatures;
    std::vector<double> shares(example.rows.size());
    double best = -1e300;
    for (size_t r = 0; r < shares.size(); ++r) {
      for (size_t f = 0; f < kFeatures; ++f)
        shares[r] += (weights[f] + weights[own + f]) * example.rows[r].features[f];
      best = std::max(best, shares[r]);
    }
    double total = 0, credit = 0;
    for (size_t r = 0; r < shares.size(); ++r) {
      shares[r] = example.rows[r].stands_for * std::exp(shares[r] - best);
      total += shares[r];
      credit += shares[r] * example.rows[r].credit;
    }
    loss -= example.weight * std::log(credit / total + 1e-12);
    for (size_t r = 0; r < shares.size(); ++r) {
      const double slope =
          example.weight * (shares[r] / total - shares[r] * example.rows[r].credit / credit);
      for (size_t f = 0; f < kFeatures; ++f) {
        gradient[f] += slope * example.rows[r].features[f];
        gradient[own + f] += slope * example.rows[r].features[f];
      }
    }
  }
  return loss;
}

void Print(const std::vector<double>& weights) {
  std::printf("feature\tshared");
  for (size_t kind = 0; kind < kAnswerKinds; ++kind)
    std::printf("\t%s", std::string(AnswerKindName(static_cast<AnswerKind>(kind))).c_str());
  for (size_t f = 0; f < kFeatures; ++f) {
    std::printf("\n%s", std::string(kFeatureNames[f]).c_str());
    for (size_t column = 0; column <= kAnswerKinds; ++column)
      std::printf("\t%.4f", weights[column * kFeatures + f]);
  }
  std::printf("\n");
}

int Run(const char* path) {
  std::ifstream file(path);
  std::vector<Example> examples;
  for (std::string text; std::getline(file, text);) {
    const nlohmann::json line = nlohmann::json::parse(text);
    if (!IsUsed(line)) continue;
    Example example = MakeExample(line);
    if (!example.rows.empty()) examples.push_back(std::move(example));
  }
  if (examples.empty()) {
    std::cerr << path << ": no question whose answer is among the candidates\n";
    return 1;
  }
  std::cerr << examples.size() << " questions\n";
  const auto loss = [&](const std::vector<double>& at, std::vector<double>& gradient) {
    gradient.resize(at.size());
    return Loss(examples, at, gradient);
  };
  Print(Minimize(loss, std::vector<double>((1 + kAnswerKinds) * kFeatures), kSteps));
  return 0;
}

}  // namespace
}  // namespace foraker::agent

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_answer_weights QUESTIONS.jsonl\n";
    return 2;
  }
  return foraker::agent::Run(argv[1]);
}
