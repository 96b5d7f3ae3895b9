// The members of everything that a trace holds, in the order in which they are written.
//
// A request's caller, cancellation and wish for a trace are not part of one: they change nothing.

#ifndef FORAKER_AGENT_TRACE_SCHEMA_H_
#define FORAKER_AGENT_TRACE_SCHEMA_H_

#include <array>
#include <string>
#include <string_view>

#include "agent/agent.h"
#include "agent/backend.h"
#include "agent/trace/json_codec.h"

namespace foraker::agent::trace {

// ---- enums ----

using std::to_array;
template <>
inline constexpr auto kNames<PlannerKind> = to_array<std::string_view>({"extractive", "llm"});
template <>
inline constexpr auto kNames<AnswererKind> = to_array<std::string_view>({"extractive", "llm",
                                                                         "none"});
template <>
inline constexpr auto kNames<StopMode> = to_array<std::string_view>({"learned", "never"});
template <>
inline constexpr auto kNames<Tool> = to_array<std::string_view>({"search", "finish"});
template <>
inline constexpr auto kNames<StoppedBy> = to_array<std::string_view>({"finished", "exhausted",
                                                                      "searches", "passages",
                                                                      "tokens", "time", "deadline",
                                                                      "tool_failure"});
template <>
inline constexpr auto kNames<retrieval::NamedTerm::Kind> =
    to_array<std::string_view>({"token", "stem", "title", "imported"});
template <>
inline constexpr auto kNames<retrieval::Filter::Kind> =
    to_array<std::string_view>({"and", "or", "not", "equals", "in", "range", "exists"});
template <>
inline constexpr auto kNames<retrieval::RankVariant> =
    to_array<std::string_view>({"paper", "last_token", "two_tokens", "all_keys"});
template <>
inline constexpr auto kNames<retrieval::RankPrecision> = to_array<std::string_view>({"f32", "bf16",
                                                                                     "int8"});

// ---- the request ----

void Describe(auto& member, IsA<Budget> auto& budget) {
  member("searches", budget.searches);
  member("passages", budget.passages);
  member("tokens", budget.tokens);
  member("time", budget.time);
  member("deadline", budget.deadline);
}

void Describe(auto& member, IsA<StopOptions> auto& stop) {
  member("mode", stop.mode);
  member("threshold", stop.threshold);
}

void Describe(auto& member, IsA<AgentRerank> auto& rerank) {
  member("candidates", rerank.candidates);
}

void Describe(auto& member, IsA<retrieval::Filter> auto& filter) {
  member("kind", filter.kind);
  member("operands", filter.operands);
  member("field", filter.field);
  member("values", filter.values);
  member("low", filter.low);
  member("high", filter.high);
  member("low_inclusive", filter.low_inclusive);
  member("high_inclusive", filter.high_inclusive);
}

void Describe(auto& member, IsA<AskRequest> auto& request) {
  member("collection", request.collection);
  member("snapshot", request.snapshot);
  member("question", request.question);
  member("budget", request.budget);
  member("planner", request.planner);
  member("answerer", request.answerer);
  member("stop", request.stop);
  member("passages_per_search", request.passages_per_search);
  member("rerank", request.rerank);
  member("filter", request.filter);
}

// ---- calls and replies ----

void Describe(auto& member, IsA<retrieval::NamedTerm> auto& term) {
  member("kind", term.kind);
  member("text", term.text);
  member("weight", term.weight);
}

void Describe(auto& member, IsA<retrieval::ByteRange> auto& range) {
  member("begin", range.begin);
  member("end", range.end);
}

void Describe(auto& member, IsA<SearchQuery> auto& query) {
  member("text", query.text);
  member("terms", query.terms);
  member("passages", query.passages);
}

void Describe(auto& member, IsA<SearchCall> auto& call) {
  member("text", call.query.text);
  member("terms", call.query.terms);
  member("k", call.k);
  member("deadline", call.deadline);
}

void Describe(auto& member, IsA<TryCall> auto& call) {
  member("queries", call.queries);
  member("k", call.k);
  member("deadline", call.deadline);
}

void Describe(auto& member, IsA<Passage> auto& passage) {
  member("document_id", passage.document_id);
  member("ordinal", passage.ordinal);
  member("range", passage.range);
  member("title", passage.title);
  member("text", passage.text);
  member("score", passage.score);
  member("rank_score", passage.rank_score);
}

void Describe(auto& member, IsA<Found> auto& found) {
  member("passages", found.passages);
  member("exact", found.exact);
  member("generation", found.generation);
}

void Describe(auto& member, IsA<retrieval::AnalyzedTerm> auto& term) {
  member("kind", term.kind);
  member("term", term.term);
  member("idf", term.idf);
  member("document_frequency", term.document_frequency);
  member("weight", term.weight);
  member("range", term.range);
}

void Describe(auto& member, IsA<retrieval::PassageName> auto& name) {
  member("document_id", name.document_id);
  member("passage", name.passage);
}

void Describe(auto& member, IsA<retrieval::Link> auto& link) {
  member("source", link.source);
  member("range", link.range);
  member("title", link.title);
  member("document_ids", link.document_ids);
  member("title_idf", link.title_idf);
}

void Describe(auto& member, IsA<retrieval::RankDocument> auto& document) {
  member("title", document.title);
  member("text", document.text);
}

void Describe(auto& member, IsA<RankCall> auto& call) {
  member("query", call.query);
  member("documents", call.documents);
  member("deadline", call.deadline);
}

void Describe(auto& member, IsA<retrieval::RankedDocument> auto& document) {
  member("index", document.index);
  member("score", document.score);
  member("tokens_read", document.tokens_read);
  member("tokens_dropped", document.tokens_dropped);
  member("windows", document.windows);
}

void Describe(auto& member, IsA<retrieval::RankTiming> auto& timing) {
  member("tokenize", timing.tokenize);
  member("queue", timing.queue);
  member("compute", timing.compute);
  member("total", timing.total);
}

void Describe(auto& member, IsA<retrieval::RankResult> auto& result) {
  member("documents", result.documents);
  member("tokens", result.tokens);
  member("variant", result.variant);
  member("precision", result.precision);
  member("model", result.model);
  member("timing", result.timing);
}

void Describe(auto& member, IsA<ChatMessage> auto& message) {
  member("role", message.role);
  member("content", message.content);
}

void Describe(auto& member, IsA<ChatRequest> auto& request) {
  member("messages", request.messages);
  member("stop", request.stop);
  member("max_tokens", request.max_tokens);
  member("temperature", request.temperature);
  member("deadline", request.deadline);
}

void Describe(auto& member, IsA<ChatReply> auto& reply) {
  member("text", reply.text);
  member("finish_reason", reply.finish_reason);
  member("tokens_in", reply.tokens_in);
  member("tokens_out", reply.tokens_out);
  member("counted_by_server", reply.counted_by_server);
}

// ---- the result ----

void Describe(auto& member, IsA<Citation> auto& citation) {
  member("document_id", citation.document_id);
  member("title", citation.title);
  member("passage", citation.passage);
  member("range", citation.range);
  member("quote", citation.quote);
}

void Describe(auto& member, IsA<Answer> auto& answer) {
  member("found", answer.found);
  member("text", answer.text);
  member("sentence", answer.sentence);
  member("citations", answer.citations);
  member("reason", answer.reason);
  member("confidence", answer.confidence);
  member("answerer", answer.answerer);
}

void Describe(auto& member, IsA<Observation> auto& observation) {
  member("error", observation.error);
  member("read", observation.read);
  member("known", observation.known);
  member("exact", observation.exact);
  member("rerank_error", observation.rerank_error);
}

void Describe(auto& member, IsA<StopFeatures> auto& features) {
  for (const StopFeature& feature : AllStopFeatures()) {
    member(feature.name, features.*feature.value);
  }
}

void Describe(auto& member, IsA<StopDecision> auto& decision) {
  member("features", decision.features);
  member("probability", decision.probability);
}

void Describe(auto& member, IsA<Step> auto& step) {
  member("number", step.number);
  member("thought", step.thought);
  member("tool", step.tool);
  member("query", step.query);
  member("observation", step.observation);
  member("decision", step.decision);
  member("took", step.took);
}

void Describe(auto& member, IsA<ReadPassage> auto& read) {
  member("passage", read.passage);
  member("step", read.step);
  member("tokens", read.tokens);
}

void Describe(auto& member, IsA<Trajectory> auto& trajectory) {
  member("question", trajectory.question);
  member("steps", trajectory.steps);
  member("passages", trajectory.passages);
}

void Describe(auto& member, IsA<StageTimes> auto& times) {
  member("plan", times.plan);
  member("search", times.search);
  member("rank", times.rank);
  member("links", times.links);
  member("chat", times.chat);
  member("answer", times.answer);
  member("total", times.total);
}

void Describe(auto& member, IsA<Bill> auto& bill) {
  member("searches", bill.searches);
  member("retrieval_calls", bill.retrieval_calls);
  member("passages", bill.passages);
  member("documents", bill.documents);
  member("passage_tokens", bill.passage_tokens);
  member("chat_calls", bill.chat_calls);
  member("chat_tokens_in", bill.chat_tokens_in);
  member("chat_tokens_out", bill.chat_tokens_out);
  member("rank_tokens", bill.rank_tokens);
  member("times", bill.times);
}

void Describe(auto& member, IsA<AskResult> auto& result) {
  member("answer", result.answer);
  member("stopped_by", result.stopped_by);
  member("trajectory", result.trajectory);
  member("bill", result.bill);
  member("generation", result.generation);
}

}  // namespace foraker::agent::trace

#endif  // FORAKER_AGENT_TRACE_SCHEMA_H_
