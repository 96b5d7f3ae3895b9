// The text of the weights that are part of the program: models/answerer/weights.tsv, put into a
// source file by the build.

#ifndef FORAKER_AGENT_ANSWER_ANSWER_WEIGHTS_H_
#define FORAKER_AGENT_ANSWER_ANSWER_WEIGHTS_H_

#include <string_view>

namespace foraker::agent {

extern const std::string_view kAnswerWeights;

}  // namespace foraker::agent

#endif  // FORAKER_AGENT_ANSWER_ANSWER_WEIGHTS_H_
