#include "agent/llm/examples.h"

namespace foraker::agent {

// People, places and facts are made up, so that none of them can pass for an answer.
std::string_view BuiltInExamples() {
  return R"(
{"question": "In which town was the designer of the Halvane Bridge born?", "passages": ["Halvane Bridge | The Halvane Bridge is a steel arch bridge over the river Torne in Eldmoor. It was designed by Ingrid Solvay and opened in 1931.", "Eldmoor | Eldmoor is a market town on the river Torne. Its mills closed in 1958."], "steps": [{"thought": "The Halvane Bridge was designed by Ingrid Solvay. I still need the town where Ingrid Solvay was born.", "search_query": "Ingrid Solvay birthplace", "passages": ["Ingrid Solvay | Ingrid Solvay (born 1894 in Sandvale, died 1970) was an engineer who is known for her arch bridges."]}, {"thought": "Ingrid Solvay, who designed the Halvane Bridge, was born in Sandvale. The question is answered."}]}
{"question": "Which was founded first, the Corvane Observatory or Lindmark College?", "passages": ["Corvane Observatory | The Corvane Observatory stands on Mount Corvane. It was founded in 1887 by Elias Brandt.", "Mount Corvane | Mount Corvane is 1,204 metres high."], "steps": [{"thought": "The Corvane Observatory was founded in 1887. Nothing so far says when Lindmark College was founded.", "search_query": "Lindmark College founded", "passages": ["Lindmark College | Lindmark College is a school of music. It was founded in 1902 and has 300 students."]}, {"thought": "The Corvane Observatory was founded in 1887 and Lindmark College in 1902. The question is answered."}]}
)";
}

}  // namespace foraker::agent
