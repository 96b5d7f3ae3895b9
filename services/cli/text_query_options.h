// The options of a command that say how the terms of a text query are weighed. What is not given
// stays as the collection has it.

#ifndef FORAKER_SERVICES_CLI_TEXT_QUERY_OPTIONS_H_
#define FORAKER_SERVICES_CLI_TEXT_QUERY_OPTIONS_H_

#include <optional>
#include <string>

#include "retrieval/api/searcher.h"

namespace CLI {
class App;
}

namespace foraker::cli {

class TextQueryOptions {
 public:
  void AddTo(CLI::App& command, const std::string& group);
  void Apply(retrieval::TextQuery& query) const;

 private:
  std::optional<float> stem_weight_, title_weight_;
  std::optional<retrieval::QueryEncoding> encoding_;
};

// "table" or "encoder".
void AddQueryEncodingOption(CLI::App& command, std::optional<retrieval::QueryEncoding>& encoding,
                            const std::string& group);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_TEXT_QUERY_OPTIONS_H_
