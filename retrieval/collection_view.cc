#include "retrieval/collection_view.h"

#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "model/analyzer/analyzer.h"

namespace foraker::retrieval {
namespace {

constexpr std::string_view kImportedVectors = "vectors";

absl::StatusOr<std::shared_ptr<model::SessionPool>> OpenSessions(const DocumentSide& settings) {
  if (settings.encoder == kImportedVectors) return nullptr;
  ASSIGN_OR_RETURN(
      std::shared_ptr<const model::Analyzer> analyzer,
      model::Analyzer::Create({settings.language, settings.stemmer, settings.stop_words}));
  if (const std::string now = analyzer->Fingerprint(); now != settings.fingerprint) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "its text was analyzed by other versions of ICU or the stemmer (fingerprint %s, this "
        "program's is %s): build it again",
        settings.fingerprint, now));
  }
  return std::make_shared<model::SessionPool>(std::move(analyzer));
}

}  // namespace

std::optional<model::SessionPool::Lease> CollectionView::BorrowSession() const {
  if (sessions == nullptr) return std::nullopt;
  return sessions->Borrow();
}

absl::StatusOr<std::shared_ptr<const CollectionView>> OpenView(
    std::shared_ptr<const index::Snapshot> snapshot, const CollectionView* before) {
  const std::string where = absl::StrFormat("collection \"%s\"", snapshot->collection);
  absl::StatusOr<CollectionSettings> settings = CollectionSettings::FromJson(snapshot->settings);
  if (!settings.ok()) return base::Annotate(settings.status(), where);

  std::shared_ptr<const QueryBuilder> queries;
  std::shared_ptr<model::SessionPool> sessions;
  if (before != nullptr && before->settings == *settings) {
    queries = before->queries;
    sessions = before->sessions;
  } else {
    absl::StatusOr<std::shared_ptr<model::SessionPool>> opened = OpenSessions(settings->document);
    if (!opened.ok()) return base::Annotate(opened.status(), where);
    sessions = *std::move(opened);
    absl::StatusOr<std::unique_ptr<QueryBuilder>> created = QueryBuilder::Create(*settings);
    if (!created.ok()) return base::Annotate(created.status(), where);
    queries = *std::move(created);
  }
  IdfTable idf(snapshot->statistics, *settings);
  return std::make_shared<const CollectionView>(CollectionView{.snapshot = std::move(snapshot),
                                                               .settings = *std::move(settings),
                                                               .idf = std::move(idf),
                                                               .queries = std::move(queries),
                                                               .sessions = std::move(sessions)});
}

}  // namespace foraker::retrieval
