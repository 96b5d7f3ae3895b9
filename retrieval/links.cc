#include "retrieval/links.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "index/query/top_k.h"
#include "index/term_key.h"
#include "retrieval/documents.h"
#include "retrieval/titles.h"

namespace foraker::retrieval {
namespace {

class LinkFinder {
 public:
  LinkFinder(const CollectionView& view, model::Analyzer::Session& session)
      : view_(view), session_(session) {}

  absl::Status Visit(const PassageName& source, std::vector<Link>& links) {
    ASSIGN_OR_RETURN(const FoundDocument found, FindDocument(*view_.snapshot, source.document_id));
    if (found.state != FoundDocument::State::kLive) {
      return absl::NotFoundError(
          absl::StrFormat("passages: the collection has no document \"%s\"", source.document_id));
    }
    const index::Segment& segment = *view_.snapshot->segments[found.address.segment].segment;
    ASSIGN_OR_RETURN(const index::PassageRange passages,
                     segment.PassagesOf(found.address.document));
    if (source.passage >= passages.end - passages.begin) {
      return absl::InvalidArgumentError(
          absl::StrFormat("passages: document \"%s\" has %d passages, none of number %d",
                          source.document_id, passages.end - passages.begin, source.passage));
    }
    ASSIGN_OR_RETURN(const index::PassageText range,
                     segment.TextRange(passages.begin + source.passage));
    ASSIGN_OR_RETURN(const index::TitleAndText text, segment.LoadText(found.address.document));
    return AddMentions(source, range, text.text, links);
  }

 private:
  absl::Status AddMentions(const PassageName& source, index::PassageText range,
                           std::string_view text, std::vector<Link>& links) {
    const std::string_view passage = text.substr(range.begin, range.end - range.begin);
    const std::vector<model::AnalyzedWord>& words = session_.Analyze(passage);
    MentionOptions options;
    options.min_word_idf = kRareWordIdf;
    ASSIGN_OR_RETURN(const std::vector<Mention> mentions,
                     FindMentions(
                         passage, words, [&](std::string_view title) { return Exists(title); },
                         [&](const model::AnalyzedWord& word) { return IdfOf(word); }, options));
    for (const Mention& mention : mentions) {
      Link link{.source = source,
                .range = {range.begin + mention.begin, range.begin + mention.end},
                .title = mention.title,
                .document_ids = {},
                .title_idf = 0};
      ASSIGN_OR_RETURN(link.document_ids, BearersOf(mention.title, source.document_id));
      if (link.document_ids.empty()) continue;
      for (size_t word = mention.first_word; word < mention.end_word; ++word) {
        ASSIGN_OR_RETURN(const double idf, IdfOf(words[word]));
        link.title_idf += idf / static_cast<double>(mention.end_word - mention.first_word);
      }
      links.push_back(std::move(link));
    }
    return absl::OkStatus();
  }

  static index::TermKey KeyOf(std::string_view title) {
    return index::HashedTermKey(index::TermNamespace::kTitle, title);
  }

  absl::StatusOr<bool> Exists(std::string_view title) const {
    for (const index::LiveSegment& live : view_.snapshot->segments) {
      ASSIGN_OR_RETURN(const std::optional<index::TermOrdinal> term,
                       live.segment->terms().Find(KeyOf(title)));
      if (term.has_value()) return true;
    }
    return false;
  }

  // 0 for a stop word: it is not indexed, and tells nothing.
  absl::StatusOr<double> IdfOf(const model::AnalyzedWord& word) const {
    if (word.stop) return 0.0;
    ASSIGN_OR_RETURN(const TermIdf found,
                     view_.idf.Get(index::HashedTermKey(index::TermNamespace::kStem, word.stem)));
    return found.idf;
  }

  // Documents that bear the title, by id; a title is looked up once.
  absl::StatusOr<std::vector<std::string>> BearersOf(const std::string& title,
                                                     std::string_view source) {
    auto known = bearers_.find(title);
    if (known == bearers_.end()) {
      index::SearchOptions options;
      options.k = kMaxLinkTargets + 1;  // one of them may be the source
      ASSIGN_OR_RETURN(const index::TopKResult found,
                       index::TopK(*view_.snapshot, {{KeyOf(title), 1.0f}}, options));
      std::vector<std::string> ids;
      for (const index::Hit& hit : found.hits) ids.emplace_back(hit.id);
      known = bearers_.emplace(title, std::move(ids)).first;
    }
    std::vector<std::string> others;
    for (const std::string& id : known->second) {
      if (id != source && others.size() < kMaxLinkTargets) others.push_back(id);
    }
    return others;
  }

  const CollectionView& view_;
  model::Analyzer::Session& session_;
  absl::flat_hash_map<std::string, std::vector<std::string>> bearers_;
};

}  // namespace

absl::StatusOr<std::vector<Link>> FindLinks(const CollectionView& view,
                                            const std::vector<PassageName>& passages) {
  if (view.sessions == nullptr || !view.settings.document.titles) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "collection \"%s\" has no titles to link to: its encoder is \"%s\", its setting titles %s",
        view.snapshot->collection, view.settings.document.encoder,
        view.settings.document.titles ? "true" : "false"));
  }
  const model::SessionPool::Lease session = view.sessions->Borrow();
  LinkFinder finder(view, *session);
  std::vector<Link> links;
  for (const PassageName& passage : passages) RETURN_IF_ERROR(finder.Visit(passage, links));
  return links;
}

}  // namespace foraker::retrieval
