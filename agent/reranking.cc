#include "agent/reranking.h"

#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "agent/llm/cut_text.h"
#include "base/status.h"

namespace foraker::agent {
namespace {

// More of a passage than any model reads of one document, so that long ones (imported with vectors
// of their own) do not make a request that a reranker refuses for its size.
constexpr size_t kTitleBytes = 4 << 10;
constexpr size_t kTextBytes = 24 << 10;

}  // namespace

absl::Status Rerank(const std::string& query, Session& session, std::vector<Passage>& passages) {
  RankCall call{.query = query, .documents = {}};
  std::vector<size_t> given;
  for (size_t i = 0; i < passages.size(); ++i) {
    retrieval::RankDocument document{.title = std::string(CutText(passages[i].title, kTitleBytes)),
                                     .text = std::string(CutText(passages[i].text, kTextBytes))};
    if (IsBlank(document)) continue;
    call.documents.push_back(std::move(document));
    given.push_back(i);
  }
  if (given.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const retrieval::RankResult ranked, session.Rank(std::move(call)));
  std::vector<bool> taken(passages.size());
  std::vector<size_t> order;
  for (const retrieval::RankedDocument& document : ranked.documents) {
    if (document.index >= given.size() || taken[given[document.index]]) break;
    taken[given[document.index]] = true;
    order.push_back(given[document.index]);
  }
  if (order.size() != given.size() || ranked.documents.size() != given.size()) {
    return absl::InternalError(absl::StrFormat("model \"%s\" gave no order of the %d passages",
                                               ranked.model, given.size()));
  }
  for (size_t i = 0; i < passages.size(); ++i) {
    if (!taken[i]) order.push_back(i);
  }
  std::vector<Passage> ordered;
  ordered.reserve(passages.size());
  for (size_t i = 0; i < order.size(); ++i) {
    ordered.push_back(std::move(passages[order[i]]));
    if (i < ranked.documents.size()) ordered.back().rank_score = ranked.documents[i].score;
  }
  passages = std::move(ordered);
  return absl::OkStatus();
}

}  // namespace foraker::agent
