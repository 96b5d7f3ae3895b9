#include "agent/session.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/tokens.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

// A callee's timer may fire a little before our clock has come to the same time.
constexpr absl::Duration kEarly = absl::Milliseconds(5);

bool MayPass(const absl::Status& failure) {
  return absl::IsUnavailable(failure) || absl::IsResourceExhausted(failure) ||
         absl::IsAborted(failure);
}

void AppendBytes(const void* bytes, size_t count, std::string& key) {
  key.append(static_cast<const char*>(bytes), count);
}

// Two queries with the same key find the same.
std::string KeyOf(const SearchQuery& query) {
  if (query.terms.empty()) return absl::StrCat("text:", query.text);
  std::string key = "terms:";
  for (const retrieval::NamedTerm& term : query.terms) {
    const uint64_t size = term.text.size();
    AppendBytes(&term.kind, sizeof term.kind, key);
    AppendBytes(&size, sizeof size, key);
    key += term.text;
    AppendBytes(&term.weight, sizeof term.weight, key);
  }
  return key;
}

std::string KeyOf(const retrieval::PassageName& passage) {
  return absl::StrCat(passage.passage, ":", passage.document_id);
}

// The best k of a longer list.
Found First(uint32_t k, const Found& all) {
  const size_t kept = std::min<size_t>(k, all.passages.size());
  return {
      .passages = {all.passages.begin(), all.passages.begin() + static_cast<std::ptrdiff_t>(kept)},
      .exact = all.exact,
      .generation = all.generation};
}

template <typename Value>
absl::Status Take(absl::StatusOr<Value> reply, Value& value) {
  if (!reply.ok()) return reply.status();
  value = *std::move(reply);
  return absl::OkStatus();
}

}  // namespace

Session::Session(Backend& backend, Meter& meter, Options options)
    : backend_(backend), meter_(meter), options_(std::move(options)) {}

absl::Status Session::Admit(absl::Time now) {
  if (options_.cancelled && options_.cancelled()) {
    return absl::CancelledError("the caller has gone");
  }
  limit_ = meter_.OutOfTime(now);
  if (!limit_.has_value()) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("not called: the ", base::ToAbsl(StoppedByName(*limit_)), " is over"));
}

absl::Status Session::Judge(const absl::Status& failure, absl::Time now) {
  if (absl::IsCancelled(failure)) {
    if (options_.cancelled && options_.cancelled()) return failure;
    return absl::UnavailableError(failure.message());  // somebody else's, between us and the callee
  }
  if (absl::IsDeadlineExceeded(failure)) limit_ = meter_.OutOfTime(now + kEarly);
  return failure;
}

absl::Status Session::Call(Stage stage, uint32_t retries,
                           absl::FunctionRef<absl::Status()> attempt) {
  absl::Duration& billed = meter_.bill().times.*stage;
  absl::Duration wait = options_.first_wait;
  absl::Time begin = Now();
  for (uint32_t repeated = 0;; ++repeated, wait *= 2) {
    RETURN_IF_ERROR(Admit(begin));
    const absl::Status status = attempt();
    const absl::Time end = Now();
    billed += end - begin;
    if (status.ok()) return status;
    const absl::Status failure = Judge(status, end);
    if (!MayPass(failure) || repeated == retries || end + wait >= meter_.ends()) return failure;
    backend_.Sleep(wait);
    begin = Now();
    billed += begin - end;
  }
}

absl::Status Session::Pin() {
  return Call(&StageTimes::search, options_.retries, [this] { return backend_.Pin(); });
}

std::optional<Found> Session::Known(const Lists& lists, const std::string& key, uint32_t k) {
  const auto listed = lists.find(key);
  if (listed == lists.end()) return std::nullopt;
  const auto& [asked, all] = listed->second;
  const bool complete = all.exact && all.passages.size() < asked;
  if (k > asked && !complete) return std::nullopt;
  return First(k, all);
}

absl::Status Session::CheckGeneration(const Found& found) {
  if (generation_ != 0 && found.generation != generation_) {
    return absl::DataLossError(absl::StrCat("a search answered from generation ", found.generation,
                                            ", the ones before it from ", generation_));
  }
  generation_ = found.generation;
  return absl::OkStatus();
}

absl::StatusOr<Found> Session::Search(const SearchQuery& query, uint32_t k) {
  std::string key = KeyOf(query);
  if (std::optional<Found> known = Known(searches_, key, k)) return *std::move(known);
  Found found;
  RETURN_IF_ERROR(Call(&StageTimes::search, options_.retries, [&] {
    ++meter_.bill().retrieval_calls;
    return Take(backend_.Search({.query = query, .k = k, .deadline = meter_.ends()}), found);
  }));
  RETURN_IF_ERROR(CheckGeneration(found));
  searches_.insert_or_assign(std::move(key), Listed{k, found});
  return found;
}

absl::StatusOr<std::vector<Found>> Session::Try(const std::vector<SearchQuery>& queries,
                                                uint32_t k) {
  TryCall call{.queries = {}, .k = k, .deadline = meter_.ends()};
  std::vector<std::string> unknown;
  for (const SearchQuery& query : queries) {
    std::string key = KeyOf(query);
    if (Known(tries_, key, k) || std::count(unknown.begin(), unknown.end(), key) > 0) continue;
    unknown.push_back(std::move(key));
    call.queries.push_back(query);
  }
  if (!unknown.empty()) {
    std::vector<Found> found;
    RETURN_IF_ERROR(Call(&StageTimes::search, options_.retries, [&] {
      meter_.bill().retrieval_calls += call.queries.size();
      return Take(backend_.Try(call), found);
    }));
    if (found.size() != unknown.size()) {
      return absl::InternalError(
          absl::StrCat(found.size(), " lists for ", unknown.size(), " queries"));
    }
    for (size_t i = 0; i < found.size(); ++i) {
      RETURN_IF_ERROR(CheckGeneration(found[i]));
      tries_.insert_or_assign(std::move(unknown[i]), Listed{k, std::move(found[i])});
    }
  }
  std::vector<Found> all;
  all.reserve(queries.size());
  for (const SearchQuery& query : queries) all.push_back(*Known(tries_, KeyOf(query), k));
  return all;
}

absl::StatusOr<std::vector<retrieval::AnalyzedTerm>> Session::Analyze(std::string_view text) {
  if (const auto known = analyses_.find(base::ToAbsl(text)); known != analyses_.end()) {
    return known->second;
  }
  std::vector<retrieval::AnalyzedTerm> terms;
  RETURN_IF_ERROR(Call(&StageTimes::links, options_.retries,
                       [&] { return Take(backend_.Analyze(text), terms); }));
  analyses_.emplace(std::string(text), terms);
  return terms;
}

absl::StatusOr<std::vector<retrieval::Link>> Session::Links(
    const std::vector<retrieval::PassageName>& passages) {
  std::vector<retrieval::PassageName> unknown;
  for (const retrieval::PassageName& passage : passages) {
    if (!links_.contains(KeyOf(passage))) unknown.push_back(passage);
  }
  if (!unknown.empty()) {
    std::vector<retrieval::Link> found;
    RETURN_IF_ERROR(Call(&StageTimes::links, options_.retries,
                         [&] { return Take(backend_.Links(unknown), found); }));
    for (const retrieval::PassageName& passage : unknown) links_.try_emplace(KeyOf(passage));
    for (retrieval::Link& link : found) links_[KeyOf(link.source)].push_back(std::move(link));
  }
  std::vector<retrieval::Link> links;
  for (const retrieval::PassageName& passage : passages) {
    const std::vector<retrieval::Link>& of_passage = links_[KeyOf(passage)];
    links.insert(links.end(), of_passage.begin(), of_passage.end());
  }
  return links;
}

absl::StatusOr<retrieval::RankResult> Session::Rank(RankCall call) {
  call.deadline = meter_.ends();
  retrieval::RankResult ranked;
  RETURN_IF_ERROR(
      Call(&StageTimes::rank, options_.retries, [&] { return Take(backend_.Rank(call), ranked); }));
  meter_.bill().rank_tokens += ranked.tokens;
  return ranked;
}

absl::StatusOr<ChatReply> Session::Chat(ChatRequest request, const OnText& on_text) {
  const uint64_t prompt = PromptTokensAtMost(request.messages);
  const uint64_t left = meter_.tokens_left();
  if (prompt >= left) {
    limit_ = StoppedBy::kTokens;
    return absl::ResourceExhaustedError(absl::StrCat("not called: a prompt of up to ", prompt,
                                                     " tokens, of which the budget leaves ", left));
  }
  request.max_tokens = static_cast<uint32_t>(std::min<uint64_t>(request.max_tokens, left - prompt));
  request.deadline = meter_.ends();
  request.cancelled = options_.cancelled;
  ChatReply reply;
  RETURN_IF_ERROR(Call(&StageTimes::chat, /*retries=*/0, [&] {
    ++meter_.bill().chat_calls;
    return Take(backend_.Chat(request, on_text), reply);
  }));
  meter_.bill().chat_tokens_in += reply.tokens_in;
  meter_.bill().chat_tokens_out += reply.tokens_out;
  return reply;
}

}  // namespace foraker::agent
