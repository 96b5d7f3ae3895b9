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

// What depends on the settings alone.
struct TextSide {
  std::shared_ptr<const model::QueryTable> table;
  std::shared_ptr<const QueryBuilder> queries;
  std::shared_ptr<model::SessionPool> sessions;
};

absl::StatusOr<TextSide> OpenTextSide(const CollectionSettings& settings,
                                      const std::shared_ptr<EncoderStore>& encoders) {
  TextSide text;
  ASSIGN_OR_RETURN(text.sessions, OpenSessions(settings.document));
  std::shared_ptr<const QueryEncoder> encoder;
  if (IsNeural(settings.document)) {
    ASSIGN_OR_RETURN(text.table, encoders->Table(settings.document));
    if (settings.query.idf_source == IdfSource::kEncoder && text.table->weights().empty()) {
      return absl::FailedPreconditionError(
          "idf_source: encoder \"" + settings.document.encoder +
          "\" has no idf table, expected \"collection\" or \"blend\"");
    }
    encoder = std::make_shared<const QueryEncoder>(
        text.table, [encoders, document = settings.document] { return encoders->Model(document); });
  }
  ASSIGN_OR_RETURN(text.queries, QueryBuilder::Create(settings, std::move(encoder)));
  return text;
}

}  // namespace

std::optional<model::SessionPool::Lease> CollectionView::BorrowSession() const {
  if (sessions == nullptr) return std::nullopt;
  return sessions->Borrow();
}

absl::StatusOr<std::shared_ptr<const CollectionView>> OpenView(
    std::shared_ptr<const index::Snapshot> snapshot, const CollectionView* before,
    const std::shared_ptr<EncoderStore>& encoders) {
  if (before != nullptr && before->snapshot->settings == snapshot->settings) {
    IdfTable idf(snapshot->statistics, before->settings, before->table);
    return std::make_shared<const CollectionView>(CollectionView{.snapshot = std::move(snapshot),
                                                                 .settings = before->settings,
                                                                 .idf = std::move(idf),
                                                                 .table = before->table,
                                                                 .queries = before->queries,
                                                                 .sessions = before->sessions});
  }
  const std::string where = absl::StrFormat("collection \"%s\"", snapshot->collection);
  absl::StatusOr<CollectionSettings> settings = CollectionSettings::FromJson(snapshot->settings);
  if (!settings.ok()) return base::Annotate(settings.status(), where);

  TextSide text;
  if (before != nullptr && before->settings == *settings) {
    text = {before->table, before->queries, before->sessions};
  } else {
    absl::StatusOr<TextSide> opened = OpenTextSide(*settings, encoders);
    if (!opened.ok()) return base::Annotate(opened.status(), where);
    text = *std::move(opened);
  }
  IdfTable idf(snapshot->statistics, *settings, text.table);
  return std::make_shared<const CollectionView>(
      CollectionView{.snapshot = std::move(snapshot),
                     .settings = *std::move(settings),
                     .idf = std::move(idf),
                     .table = std::move(text.table),
                     .queries = std::move(text.queries),
                     .sessions = std::move(text.sessions)});
}

}  // namespace foraker::retrieval
