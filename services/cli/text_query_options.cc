#include "services/cli/text_query_options.h"

#include <CLI/CLI.hpp>
#include <map>

#include "retrieval/settings.h"

namespace foraker::cli {

void AddQueryEncodingOption(CLI::App& command, std::optional<retrieval::QueryEncoding>& encoding,
                            const std::string& group) {
  const std::map<std::string, retrieval::QueryEncoding> names(
      std::begin(retrieval::kQueryEncodingNames), std::end(retrieval::kQueryEncodingNames));
  command
      .add_option(
          "--query-encoding", encoding,
          "Learned terms of a query: by table, or by the encoder [as the collection has it]")
      ->transform(CLI::CheckedTransformer(names).description(""))
      ->type_name("table|encoder")
      ->group(group);
}

void TextQueryOptions::AddTo(CLI::App& command, const std::string& group) {
  command.add_option("--stem-weight", stem_weight_, "Factor on the idf of words")->group(group);
  command.add_option("--title-weight", title_weight_, "Weight of titles in the query")
      ->group(group);
  AddQueryEncodingOption(command, encoding_, group);
}

void TextQueryOptions::Apply(retrieval::TextQuery& query) const {
  query.stem_weight = stem_weight_;
  query.title_weight = title_weight_;
  query.encoding = encoding_;
}

}  // namespace foraker::cli
