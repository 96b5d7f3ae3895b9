// A backend of a few passages in memory, on a clock that moves only by what calls take and by
// waits. A test says what each call takes and which ones fail; the fake keeps what it was asked.
//
// Calls end at their deadline, as real ones do: a search with the better half of what it would have
// found, the others with kDeadlineExceeded.

#ifndef FORAKER_TESTS_AGENT_FAKE_BACKEND_H_
#define FORAKER_TESTS_AGENT_FAKE_BACKEND_H_

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/backend.h"

namespace foraker::agent {

enum class CallKind { kPin, kSearch, kAnalyze, kLinks, kRank, kChat };

// Of one passage each, the range its whole text.
inline Passage MakePassage(std::string id, std::string title, std::string text) {
  Passage passage;
  passage.range = {0, static_cast<uint32_t>(text.size())};
  passage.document_id = std::move(id);
  passage.title = std::move(title);
  passage.text = std::move(text);
  return passage;
}

// The word "fish" is in all of them. A title and four words cost 2 + 6 tokens.
inline std::vector<Passage> SixFish() {
  return {MakePassage("a", "Alpha", "fish one red thing"),
          MakePassage("b", "Beta", "fish two red thing"),
          MakePassage("c", "Gamma", "fish three blue thing"),
          MakePassage("d", "Delta", "fish four blue thing"),
          MakePassage("e", "Epsilon", "fish five green thing"),
          MakePassage("f", "Zeta", "fish six green thing")};
}

// Lower-case words, each once.
inline std::set<std::string> WordsOf(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  for (const char byte : std::string(text) + " ") {
    const auto value = static_cast<unsigned char>(byte);
    if (absl::ascii_isalnum(value)) {
      word += static_cast<char>(absl::ascii_tolower(value));
    } else if (!word.empty()) {
      words.insert(std::move(word));
      word.clear();
    }
  }
  return words;
}

class FakeBackend : public Backend {
 public:
  explicit FakeBackend(std::vector<Passage> collection = {}) : passages(std::move(collection)) {}

  // ---- what a test sets ----
  std::vector<Passage> passages;
  absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  std::function<absl::Duration(CallKind)> takes;   // null: nothing
  std::function<absl::Status(CallKind)> fails;     // asked before each call; null: none
  absl::Time call_bound = absl::InfiniteFuture();  // of calls without a deadline of their own
  uint64_t generation = 7;
  std::function<float(const retrieval::RankDocument&)> rank_score;  // null: no reranker
  std::function<ChatReply(const ChatRequest&)> chat;                // null: no endpoint

  // ---- what it was asked ----
  std::map<CallKind, int> calls;  // those that failed too
  std::vector<SearchCall> searches;
  std::vector<TryCall> tries;
  std::vector<RankCall> ranks;
  std::vector<ChatRequest> chats;
  std::vector<absl::Duration> sleeps;
  bool pinned = false;

  absl::Time Now() override { return now; }
  void Sleep(absl::Duration duration) override {
    sleeps.push_back(duration);
    now += duration;
  }

  absl::Status Pin() override {
    const absl::Status status = Begin(CallKind::kPin, call_bound);
    pinned = status.ok();
    return status;
  }

  // Those that share words (or terms) with the query: score is how many, ties in order of id.
  absl::StatusOr<Found> Search(const SearchCall& call) override {
    searches.push_back(call);
    const absl::Status status = Begin(CallKind::kSearch, call.deadline);
    if (!status.ok() && !absl::IsDeadlineExceeded(status)) return status;
    return Find(call.query, call.k, /*late=*/!status.ok());
  }

  // One call of kind kSearch.
  absl::StatusOr<std::vector<Found>> Try(const TryCall& call) override {
    tries.push_back(call);
    const absl::Status status = Begin(CallKind::kSearch, call.deadline);
    if (!status.ok() && !absl::IsDeadlineExceeded(status)) return status;
    std::vector<Found> all;
    for (const SearchQuery& query : call.queries) {
      Found found = Find(query, call.k, /*late=*/!status.ok());
      for (Passage& passage : found.passages) passage.title = passage.text = "";
      all.push_back(std::move(found));
    }
    return all;
  }

  // A stem a word, all of idf 1.
  absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Analyze(std::string_view text) override {
    if (absl::Status status = Begin(CallKind::kAnalyze, call_bound); !status.ok()) return status;
    std::vector<retrieval::AnalyzedTerm> terms;
    for (const std::string& word : WordsOf(text)) {
      terms.push_back({.kind = "stem",
                       .term = word,
                       .idf = 1,
                       .document_frequency = 1,
                       .weight = 1,
                       .range = {}});
    }
    return terms;
  }

  // Titles that stand in a passage's text as they are written.
  absl::StatusOr<std::vector<retrieval::Link>> Links(
      const std::vector<retrieval::PassageName>& names) override {
    if (absl::Status status = Begin(CallKind::kLinks, call_bound); !status.ok()) return status;
    std::vector<retrieval::Link> links;
    for (const retrieval::PassageName& name : names) {
      for (const Passage& source : passages) {
        if (source.document_id != name.document_id || source.ordinal != name.passage) continue;
        AddLinks(source, name, links);
      }
    }
    return links;
  }

  absl::StatusOr<retrieval::RankResult> Rank(const RankCall& call) override {
    ranks.push_back(call);
    if (absl::Status status = Begin(CallKind::kRank, call.deadline); !status.ok()) return status;
    if (!rank_score) return absl::FailedPreconditionError("there is no ranking model");
    retrieval::RankResult result;
    result.model = "fake";
    for (uint32_t i = 0; i < call.documents.size(); ++i) {
      result.documents.push_back({.index = i, .score = rank_score(call.documents[i])});
      result.tokens += 10;
    }
    std::stable_sort(result.documents.begin(), result.documents.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    return result;
  }

  absl::StatusOr<ChatReply> Chat(const ChatRequest& request, const OnText& on_text) override {
    chats.push_back(request);
    if (absl::Status status = Begin(CallKind::kChat, request.deadline); !status.ok()) {
      return status;
    }
    if (!chat) return absl::FailedPreconditionError("there is no language model");
    ChatReply reply = chat(request);
    if (on_text) on_text(reply.text);
    return reply;
  }

 private:
  absl::Status Begin(CallKind kind, absl::Time deadline) {
    ++calls[kind];
    if (kind != CallKind::kPin && !pinned) return absl::InternalError("called before Pin");
    if (takes)
      now += std::clamp(takes(kind), absl::ZeroDuration(),
                        std::max(absl::ZeroDuration(), deadline - now));
    if (fails) {
      if (absl::Status status = fails(kind); !status.ok()) return status;
    }
    if (now >= deadline) return absl::DeadlineExceededError("the call took too long");
    return absl::OkStatus();
  }

  Found Find(const SearchQuery& query, uint32_t k, bool late) const {
    Found found{.passages = {}, .exact = !late, .generation = generation};
    for (Passage passage : passages) {
      passage.score = Score(query, passage);
      if (passage.score > 0) found.passages.push_back(std::move(passage));
    }
    std::stable_sort(found.passages.begin(), found.passages.end(),
                     [](const Passage& a, const Passage& b) {
                       return std::pair(-a.score, std::string_view(a.document_id)) <
                              std::pair(-b.score, std::string_view(b.document_id));
                     });
    const size_t most = late ? found.passages.size() / 2 : found.passages.size();
    found.passages.resize(std::min<size_t>(k, most));
    return found;
  }

  static float Score(const SearchQuery& query, const Passage& passage) {
    const std::set<std::string> words = WordsOf(absl::StrCat(passage.title, " ", passage.text));
    float score = 0;
    if (query.terms.empty()) {
      for (const std::string& word : WordsOf(query.text)) score += words.contains(word) ? 1 : 0;
    }
    for (const retrieval::NamedTerm& term : query.terms) {
      const bool has = term.kind == retrieval::NamedTerm::Kind::kTitle
                           ? absl::AsciiStrToLower(passage.title) == term.text
                           : words.contains(term.text);
      if (has) score += term.weight;
    }
    return score;
  }

  void AddLinks(const Passage& source, const retrieval::PassageName& name,
                std::vector<retrieval::Link>& links) const {
    for (const Passage& target : passages) {
      if (target.title.empty() || target.document_id == source.document_id) continue;
      const size_t place = source.text.find(target.title);
      if (place == std::string::npos) continue;
      const auto begin = static_cast<uint32_t>(source.range.begin + place);
      links.push_back({.source = name,
                       .range = {begin, begin + static_cast<uint32_t>(target.title.size())},
                       .title = absl::AsciiStrToLower(target.title),
                       .document_ids = {target.document_id},
                       .title_idf = 1});
    }
  }
};

}  // namespace foraker::agent

#endif  // FORAKER_TESTS_AGENT_FAKE_BACKEND_H_
