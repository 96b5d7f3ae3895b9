// foraker encode: documents and queries to the sparse vectors that indexing and searching would
// make of them, as JSON lines.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "retrieval/collection_view.h"
#include "retrieval/encoder_store.h"
#include "retrieval/search_run.h"
#include "services/cli/commands.h"
#include "services/cli/line_work.h"
#include "services/cli/target.h"
#include "services/cli/terminal.h"
#include "services/cli/text_encoders.h"
#include "services/cli/text_query_options.h"

namespace foraker::cli {
namespace {

using retrieval::DocumentSide;
using retrieval::QueryEncoding;
using View = std::shared_ptr<const retrieval::CollectionView>;

struct EncodeArguments {
  Target target;
  std::string collection;
  DocumentSide settings;           // without a collection
  bool has_model_options = false;  // some of `settings` were given
  bool queries = false;
  std::optional<QueryEncoding> encoding;
  LineWorkOptions work;
};

// Learned terms alone: what stems weigh depends on a collection.
DocumentSide LearnedAlone(DocumentSide settings) {
  settings.stems = false;
  settings.titles = false;
  return settings;
}

// How queries are made without a collection: by the encoder's own table.
absl::StatusOr<BuildTextQuery> QueriesOf(const DocumentSide& document, QueryEncoding encoding) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const model::QueryTable> table,
                   model::QueryTable::Open(document.encoder, document.encoder_idf));
  if (encoding == QueryEncoding::kTable && table->weights().empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "encoder %s has no idf table: give --encoder-idf FILE, --query-encoding encoder, or a "
        "--collection, which has its own",
        document.encoder));
  }
  retrieval::CollectionSettings settings;
  settings.document = document;
  settings.query.idf_source = retrieval::IdfSource::kEncoder;
  const auto load = [document]() -> absl::StatusOr<std::shared_ptr<const model::SparseEncoder>> {
    ASSIGN_OR_RETURN(const retrieval::LoadedEncoder loaded, retrieval::LoadEncoder(document));
    return loaded.model;
  };
  ASSIGN_OR_RETURN(std::shared_ptr<const retrieval::QueryBuilder> builder,
                   retrieval::QueryBuilder::Create(
                       settings, std::make_shared<retrieval::QueryEncoder>(table, load)));
  auto idf = std::make_shared<const retrieval::IdfTable>(nullptr, settings, table);
  return BuildTextQuery(
      [builder = std::move(builder), idf = std::move(idf)](const retrieval::TextQuery& query) {
        return builder->FromText(query, *idf);
      });
}

absl::StatusOr<MakeLineWorker> QueryWorkers(const EncodeArguments& arguments, const View& view) {
  retrieval::TextQuery query;
  query.encoding = arguments.encoding;
  BuildTextQuery build;
  if (view != nullptr) {
    build = [view](const retrieval::TextQuery& text) { return BuildQuery(*view, text); };
  } else {
    ASSIGN_OR_RETURN(build, QueriesOf(LearnedAlone(arguments.settings),
                                      arguments.encoding.value_or(QueryEncoding::kTable)));
  }
  return MakeLineWorker(
      [build = std::move(build), query]() { return MakeQueryWorker(build, query); });
}

absl::StatusOr<MakeLineWorker> DocumentWorkers(const EncodeArguments& arguments, const View& view,
                                               retrieval::EncoderStore& encoders) {
  const DocumentSide settings =
      view != nullptr ? view->settings.document : LearnedAlone(arguments.settings);
  retrieval::LoadedEncoder encoder;
  if (view == nullptr) {
    ASSIGN_OR_RETURN(encoder, retrieval::LoadEncoder(settings));
  } else if (retrieval::IsNeural(settings)) {
    encoder.table = view->table;
    ASSIGN_OR_RETURN(encoder.model, encoders.Model(settings));
  }
  return MakeLineWorker(
      [settings, encoder = std::move(encoder)] { return MakeDocumentWorker(settings, encoder); });
}

absl::StatusOr<View> OpenCollection(const EncodeArguments& arguments,
                                    const std::shared_ptr<retrieval::EncoderStore>& encoders) {
  ASSIGN_OR_RETURN(const std::shared_ptr<index::Catalog> catalog,
                   OpenCatalog(arguments.target, index::OpenMode::kRead));
  ASSIGN_OR_RETURN(std::shared_ptr<const index::Snapshot> snapshot,
                   catalog->Current(arguments.collection));
  return retrieval::OpenView(std::move(snapshot), nullptr, encoders);
}

absl::Status RunEncode(EncodeArguments& arguments) {
  if (arguments.collection.empty() == arguments.settings.encoder.empty()) {
    return absl::InvalidArgumentError("give one of --encoder DIR and --collection NAME");
  }
  if (!arguments.collection.empty() && arguments.has_model_options) {
    return absl::InvalidArgumentError(
        "with --collection, its own settings say how text is encoded: leave the options of the "
        "model "
        "out");
  }
  if (arguments.encoding.has_value() && !arguments.queries) {
    return absl::InvalidArgumentError("--query-encoding is for queries: give --query too");
  }
  const auto encoders = std::make_shared<retrieval::EncoderStore>(arguments.target.data);
  View view;
  if (!arguments.collection.empty()) {
    ASSIGN_OR_RETURN(view, OpenCollection(arguments, encoders));
  }
  ASSIGN_OR_RETURN(const MakeLineWorker workers, arguments.queries
                                                     ? QueryWorkers(arguments, view)
                                                     : DocumentWorkers(arguments, view, *encoders));
  LineWorkOptions& work = arguments.work;
  if (work.inputs.empty()) work.inputs.push_back("-");
  work.stage = "encoding";
  work.unit = arguments.queries ? "queries" : "documents";
  absl::StatusOr<LineWorkResult> result = WorkLines(work, workers, stdout);
  // What arrives as lost data here is a broken input stream: the input was wrong.
  if (absl::IsDataLoss(result.status())) {
    return absl::InvalidArgumentError(result.status().message());
  }
  return result.status();
}

void AddModelOptions(CLI::App& command, EncodeArguments& arguments) {
  DocumentSide& settings = arguments.settings;
  constexpr const char* kGroup = "Without a collection";
  const std::map<std::string, retrieval::EncoderPrecision> precisions(
      std::begin(retrieval::kPrecisionNames), std::end(retrieval::kPrecisionNames));
  const auto add = [&](const char* name, auto& value, const char* description) {
    return command.add_option(name, value, description)
        ->each([&arguments](const std::string&) { arguments.has_model_options = true; })
        ->group(kGroup);
  };
  add("-e,--encoder", settings.encoder, "Directory of a model")->type_name("DIR");
  add("--encoder-idf", settings.encoder_idf, "Token weights beside the model [the model's own]")
      ->type_name("FILE");
  add("--precision", settings.precision, "Arithmetic of the model [auto: int8 where it is fast]")
      ->transform(CLI::CheckedTransformer(precisions).description(""))
      ->type_name("auto|f32|int8");
  add("--max-encoder-tokens", settings.max_encoder_tokens, "Longest text; more is cut off")
      ->check(CLI::Range(3u, 1u << 20))
      ->capture_default_str();
  add("--passage-tokens", settings.passage_tokens, "Longest passage; none: documents stay whole")
      ->transform([](std::string text) { return text == "none" ? std::string("0") : text; })
      ->type_name("N|none")
      ->capture_default_str();
}

}  // namespace

void AddEncodeCommand(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<EncodeArguments>();
  arguments->settings.encoder.clear();
  CLI::App* command =
      app.add_subcommand("encode", "Print the sparse vectors of documents or queries");
  command
      ->add_option("-c,--collection", arguments->collection,
                   "As this collection does: its encoder, settings and idf, stems included")
      ->type_name("NAME");
  AddDataOption(*command, arguments->target);
  command->add_flag("--query", arguments->queries, "The lines are queries: {\"_id\", \"text\"}");
  AddQueryEncodingOption(*command, arguments->encoding, "Options");
  command
      ->add_option("-i,--input", arguments->work.inputs,
                   "Files of JSON lines, plain, gzip or zstd; - or none is standard input")
      ->type_name("FILE...");
  command->add_option("--threads", arguments->work.threads, "Threads; 0: one a core")
      ->capture_default_str();
  command->add_flag("--strict", arguments->work.strict, "Stop at the first bad line");
  AddModelOptions(*command, *arguments);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return RunEncode(*arguments); }; });
}

}  // namespace foraker::cli
