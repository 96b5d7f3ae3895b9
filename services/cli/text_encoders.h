// What `foraker encode` does to a line: a document to its passages' vectors, a query to its own.
// One worker a thread; results are those that indexing and searching would have.

#ifndef FORAKER_SERVICES_CLI_TEXT_ENCODERS_H_
#define FORAKER_SERVICES_CLI_TEXT_ENCODERS_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "retrieval/loaded_encoder.h"
#include "retrieval/query_builder.h"
#include "retrieval/settings.h"
#include "services/cli/line_work.h"

namespace foraker::cli {

// Lines {"_id", "title", "text"}; fields are read over. One output line a passage.
absl::StatusOr<std::unique_ptr<LineWorker>> MakeDocumentWorker(
    const retrieval::DocumentSide& settings, const retrieval::LoadedEncoder& encoder);

// Safe for concurrent use.
using BuildTextQuery =
    std::function<absl::StatusOr<retrieval::BuiltQuery>(const retrieval::TextQuery& query)>;

// Lines {"_id", "text"}, whatever else they hold. `query` has the options of all of them.
std::unique_ptr<LineWorker> MakeQueryWorker(BuildTextQuery build, retrieval::TextQuery query);

}  // namespace foraker::cli

#endif  // FORAKER_SERVICES_CLI_TEXT_ENCODERS_H_
