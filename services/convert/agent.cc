#include "services/convert/agent.h"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/field_path.h"
#include "services/convert/filter.h"
#include "services/convert/value.h"

namespace foraker::convert {
namespace {

using agent::AnswererKind;
using agent::PlannerKind;
using agent::StoppedBy;

constexpr uint32_t kMaxCandidates = 500;

// One row a value: the struct's and the wire's. The first is what the wire's 0 means.
template <typename Ours, typename Wire>
struct Pair {
  Ours ours;
  Wire wire;
};

constexpr Pair<PlannerKind, v1::Planner> kPlanners[] = {
    {PlannerKind::kExtractive, v1::PLANNER_EXTRACTIVE}, {PlannerKind::kLlm, v1::PLANNER_LLM}};

constexpr Pair<AnswererKind, v1::Answerer> kAnswerers[] = {
    {AnswererKind::kExtractive, v1::ANSWERER_EXTRACTIVE},
    {AnswererKind::kLlm, v1::ANSWERER_LLM},
    {AnswererKind::kNone, v1::ANSWERER_NONE}};

constexpr Pair<std::string_view, v1::Answerer> kAnswererNames[] = {
    {"", v1::ANSWERER_UNSPECIFIED},
    {"extractive", v1::ANSWERER_EXTRACTIVE},
    {"llm", v1::ANSWERER_LLM},
    {"none", v1::ANSWERER_NONE}};

constexpr Pair<StoppedBy, v1::StoppedBy> kStoppedBy[] = {
    {StoppedBy::kFinished, v1::STOPPED_BY_FINISHED},
    {StoppedBy::kExhausted, v1::STOPPED_BY_EXHAUSTED},
    {StoppedBy::kSearches, v1::STOPPED_BY_SEARCHES},
    {StoppedBy::kPassages, v1::STOPPED_BY_PASSAGES},
    {StoppedBy::kTokens, v1::STOPPED_BY_TOKENS},
    {StoppedBy::kTime, v1::STOPPED_BY_TIME},
    {StoppedBy::kDeadline, v1::STOPPED_BY_DEADLINE},
    {StoppedBy::kToolFailure, v1::STOPPED_BY_TOOL_FAILURE}};

template <typename Ours, typename Wire, size_t n>
Wire ToWire(const Pair<Ours, Wire> (&rows)[n], Ours ours) {
  for (const auto& row : rows) {
    if (row.ours == ours) return row.wire;
  }
  return rows[0].wire;
}

template <typename Ours, typename Wire, size_t n>
Ours FromWire(const Pair<Ours, Wire> (&rows)[n], Wire wire) {
  for (const auto& row : rows) {
    if (row.wire == wire) return row.ours;
  }
  return rows[0].ours;
}

// The number 0 gives `unset`.
template <typename Ours, typename Wire, size_t n>
absl::StatusOr<Ours> FromEnum(const Pair<Ours, Wire> (&rows)[n], Wire from, Ours unset,
                              std::string_view kind, const FieldPath& path) {
  if (static_cast<int>(from) == 0) return unset;
  for (const auto& row : rows) {
    if (row.wire == from) return row.ours;
  }
  return path.Invalid(
      absl::StrFormat("expected a %s, got the number %d", kind, static_cast<int>(from)));
}

// ---- requests ----

absl::StatusOr<agent::Budget> FromProto(const v1::Budget& from, const agent::Budget& unset,
                                        const FieldPath& path) {
  agent::Budget to = unset;
  if (from.has_searches()) to.searches = from.searches();
  if (from.has_passages()) to.passages = from.passages();
  if (from.has_tokens()) to.tokens = from.tokens();
  if (from.has_time()) {
    const FieldPath time_path = path.Field("time");
    ASSIGN_OR_RETURN(to.time, convert::FromProto(from.time(), time_path));
    if (to.time <= absl::ZeroDuration()) return time_path.Invalid("expected a duration above 0");
  }
  return to;
}

absl::StatusOr<agent::StopOptions> FromProto(const v1::StopOptions& from, const FieldPath& path) {
  agent::StopOptions to;
  if (from.never()) to.mode = agent::StopMode::kNever;
  if (from.has_threshold()) {
    // Written so that not-a-number is refused too.
    if (!(from.threshold() >= 0 && from.threshold() <= 1)) {
      return path.Field("threshold")
          .Invalid(absl::StrFormat("expected 0 to 1, got %g", from.threshold()));
    }
    to.threshold = from.threshold();
  }
  return to;
}

absl::StatusOr<agent::AgentRerank> FromProto(const v1::AgentRerank& from, const FieldPath& path) {
  agent::AgentRerank to;
  if (from.candidates() > kMaxCandidates) {
    return path.Field("candidates")
        .Invalid(absl::StrFormat("expected 1 to %d, got %d", kMaxCandidates, from.candidates()));
  }
  if (from.candidates() > 0) to.candidates = from.candidates();
  return to;
}

// What is as by default is left to the server, which may allow less.
void BudgetToProto(const agent::Budget& from, v1::Budget& to) {
  const agent::Budget unset;
  if (from.searches != unset.searches) to.set_searches(from.searches);
  if (from.passages != unset.passages) to.set_passages(from.passages);
  if (from.tokens != unset.tokens) to.set_tokens(from.tokens);
  if (from.time != unset.time) convert::ToProto(from.time, *to.mutable_time());
}

// ---- steps ----

using TermKind = retrieval::NamedTerm::Kind;

constexpr Pair<TermKind, std::string_view> kTermKinds[] = {{TermKind::kImported, "imported"},
                                                           {TermKind::kToken, "token"},
                                                           {TermKind::kStem, "stem"},
                                                           {TermKind::kTitle, "title"}};

void PassageToProto(const agent::ReadPassage& from, v1::AgentPassage& to) {
  const agent::Passage& passage = from.passage;
  to.set_document_id(passage.document_id);
  to.set_passage(passage.ordinal);
  convert::ToProto(passage.range, *to.mutable_range());
  to.set_title(passage.title);
  to.set_text(passage.text);
  to.set_score(passage.score);
  if (passage.rank_score.has_value()) to.set_rank_score(*passage.rank_score);
  to.set_tokens(from.tokens);
}

agent::ReadPassage PassageFromProto(const v1::AgentPassage& from, uint32_t step) {
  agent::ReadPassage to;
  to.passage = {from.document_id(), from.passage(), convert::FromProto(from.range()),
                from.title(),       from.text(),    from.score(),
                std::nullopt};
  if (from.has_rank_score()) to.passage.rank_score = from.rank_score();
  to.step = step;
  to.tokens = from.tokens();
  return to;
}

void DecisionToProto(const agent::StopDecision& from, v1::StopDecision& to) {
  to.set_probability(from.probability);
  for (const agent::StopFeature& feature : agent::AllStopFeatures()) {
    (*to.mutable_features())[std::string(feature.name)] = from.features.*feature.value;
  }
}

agent::StopDecision DecisionFromProto(const v1::StopDecision& from) {
  agent::StopDecision to;
  to.probability = from.probability();
  for (const agent::StopFeature& feature : agent::AllStopFeatures()) {
    const auto found = from.features().find(std::string(feature.name));
    if (found != from.features().end()) to.features.*feature.value = found->second;
  }
  return to;
}

// ---- results ----

// Of a reply.
absl::StatusOr<absl::Duration> Took(const google::protobuf::Duration& from) {
  absl::StatusOr<absl::Duration> took = convert::FromProto(from, FieldPath());
  if (took.ok()) return took;
  return absl::InternalError("the reply holds a duration that is none");
}

void AnswerToProto(const agent::Answer& from, v1::Answer& to) {
  to.set_found(from.found);
  to.set_text(from.text);
  to.set_sentence(from.sentence);
  for (const agent::Citation& citation : from.citations) {
    v1::Citation& added = *to.add_citations();
    added.set_document_id(citation.document_id);
    added.set_title(citation.title);
    added.set_passage(citation.passage);
    convert::ToProto(citation.range, *added.mutable_range());
    added.set_quote(citation.quote);
  }
  to.set_reason(from.reason);
  to.set_confidence(from.confidence);
  to.set_answerer(ToWire(kAnswererNames, std::string_view(from.answerer)));
}

agent::Answer AnswerFromProto(const v1::Answer& from) {
  agent::Answer to;
  to.found = from.found();
  to.text = from.text();
  to.sentence = from.sentence();
  for (const v1::Citation& citation : from.citations()) {
    to.citations.push_back({citation.document_id(), citation.title(), citation.passage(),
                            convert::FromProto(citation.range()), citation.quote()});
  }
  to.reason = from.reason();
  to.confidence = from.confidence();
  to.answerer = std::string(FromWire(kAnswererNames, from.answerer()));
  return to;
}

struct StageOfTimes {
  absl::Duration agent::StageTimes::*ours;
  google::protobuf::Duration* (v1::AgentTiming::*mutable_wire)();
  const google::protobuf::Duration& (v1::AgentTiming::*wire)() const;
};
constexpr StageOfTimes kStages[] = {
    {&agent::StageTimes::plan, &v1::AgentTiming::mutable_plan, &v1::AgentTiming::plan},
    {&agent::StageTimes::search, &v1::AgentTiming::mutable_search, &v1::AgentTiming::search},
    {&agent::StageTimes::rank, &v1::AgentTiming::mutable_rank, &v1::AgentTiming::rank},
    {&agent::StageTimes::links, &v1::AgentTiming::mutable_links, &v1::AgentTiming::links},
    {&agent::StageTimes::chat, &v1::AgentTiming::mutable_chat, &v1::AgentTiming::chat},
    {&agent::StageTimes::answer, &v1::AgentTiming::mutable_answer, &v1::AgentTiming::answer},
    {&agent::StageTimes::total, &v1::AgentTiming::mutable_total, &v1::AgentTiming::total}};

void BillToProto(const agent::Bill& from, v1::Bill& to) {
  to.set_searches(from.searches);
  to.set_retrieval_calls(from.retrieval_calls);
  to.set_passages(from.passages);
  to.set_documents(from.documents);
  to.set_passage_tokens(from.passage_tokens);
  to.set_chat_calls(from.chat_calls);
  to.set_chat_tokens_in(from.chat_tokens_in);
  to.set_chat_tokens_out(from.chat_tokens_out);
  to.set_rank_tokens(from.rank_tokens);
  for (const StageOfTimes& stage : kStages) {
    convert::ToProto(from.times.*stage.ours, *(to.mutable_timing()->*stage.mutable_wire)());
  }
}

absl::StatusOr<agent::Bill> BillFromProto(const v1::Bill& from) {
  agent::Bill to;
  to.searches = from.searches();
  to.retrieval_calls = from.retrieval_calls();
  to.passages = from.passages();
  to.documents = from.documents();
  to.passage_tokens = from.passage_tokens();
  to.chat_calls = from.chat_calls();
  to.chat_tokens_in = from.chat_tokens_in();
  to.chat_tokens_out = from.chat_tokens_out();
  to.rank_tokens = from.rank_tokens();
  for (const StageOfTimes& stage : kStages) {
    ASSIGN_OR_RETURN(to.times.*stage.ours, Took((from.timing().*stage.wire)()));
  }
  return to;
}

}  // namespace

absl::StatusOr<agent::AskRequest> FromProto(const v1::AskRequest& from, const agent::Budget& unset,
                                            const retrieval::RequestLimits& limits) {
  const FieldPath path;
  RETURN_IF_ERROR(path.Field("collection").Required(from.collection()));
  RETURN_IF_ERROR(path.Field("question").Required(from.question()));
  agent::AskRequest to;
  to.collection = from.collection();
  to.snapshot = from.snapshot();
  to.question = from.question();
  ASSIGN_OR_RETURN(to.budget, FromProto(from.budget(), unset, path.Field("budget")));
  ASSIGN_OR_RETURN(to.planner, FromEnum(kPlanners, from.planner(), PlannerKind::kExtractive,
                                        "Planner", path.Field("planner")));
  const AnswererKind of_planner =
      to.planner == PlannerKind::kLlm ? AnswererKind::kLlm : AnswererKind::kExtractive;
  ASSIGN_OR_RETURN(to.answerer, FromEnum(kAnswerers, from.answerer(), of_planner, "Answerer",
                                         path.Field("answerer")));
  ASSIGN_OR_RETURN(to.stop, FromProto(from.stop(), path.Field("stop")));
  to.passages_per_search = from.passages_per_search();
  if (from.has_rerank()) {
    ASSIGN_OR_RETURN(to.rerank, FromProto(from.rerank(), path.Field("rerank")));
  }
  if (from.has_filter()) {
    ASSIGN_OR_RETURN(to.filter,
                     FromProto(from.filter(), path.Field("filter"), limits.filter_depth));
  }
  to.want_trace = from.with_trace();
  return to;
}

void ToProto(const agent::AskRequest& from, v1::AskRequest& to) {
  to.set_collection(from.collection);
  to.set_snapshot(from.snapshot);
  to.set_question(from.question);
  BudgetToProto(from.budget, *to.mutable_budget());
  to.set_planner(ToWire(kPlanners, from.planner));
  to.set_answerer(ToWire(kAnswerers, from.answerer));
  to.mutable_stop()->set_never(from.stop.mode == agent::StopMode::kNever);
  if (from.stop.threshold.has_value()) to.mutable_stop()->set_threshold(*from.stop.threshold);
  to.set_passages_per_search(from.passages_per_search);
  if (from.rerank.has_value()) to.mutable_rerank()->set_candidates(from.rerank->candidates);
  if (from.filter.has_value()) ToProto(*from.filter, *to.mutable_filter());
  to.set_with_trace(from.want_trace);
}

void ToProto(const agent::Step& step, const agent::Trajectory& trajectory, v1::Step& to) {
  to.set_number(step.number);
  to.set_thought(step.thought);
  to.set_finish(step.tool == agent::Tool::kFinish);
  to.set_query(step.query.text);
  to.set_passage_limit(step.query.passages);
  for (const retrieval::NamedTerm& term : step.query.terms) {
    v1::SparseTerm& added = *to.add_terms();
    TermToProto(ToWire(kTermKinds, term.kind), term.text, *added.mutable_term());
    added.set_weight(term.weight);
  }
  const agent::Observation& seen = step.observation;
  for (const size_t place : seen.read) {
    PassageToProto(trajectory.passages[place], *to.add_passages());
  }
  to.set_known(seen.known);
  to.set_error(seen.error);
  to.set_rerank_error(seen.rerank_error);
  to.set_exact(seen.exact);
  if (step.decision.has_value()) DecisionToProto(*step.decision, *to.mutable_decision());
  ToProto(step.took, *to.mutable_took());
}

absl::Status AddStep(const v1::Step& from, agent::Trajectory& trajectory) {
  if (from.number() != trajectory.steps.size()) {
    return absl::InternalError(absl::StrFormat("the reply's step %d came as the step %d",
                                               from.number(), trajectory.steps.size()));
  }
  agent::Step to;
  to.number = from.number();
  to.thought = from.thought();
  to.tool = from.finish() ? agent::Tool::kFinish : agent::Tool::kSearch;
  to.query.text = from.query();
  to.query.passages = from.passage_limit();
  for (const v1::SparseTerm& term : from.terms()) {
    const auto [kind, name] = FromProto(term.term());
    to.query.terms.push_back({FromWire(kTermKinds, std::string_view(kind)), name, term.weight()});
  }
  to.observation.error = from.error();
  to.observation.rerank_error = from.rerank_error();
  to.observation.known = from.known();
  to.observation.exact = from.exact();
  if (from.has_decision()) to.decision = DecisionFromProto(from.decision());
  ASSIGN_OR_RETURN(to.took, Took(from.took()));
  for (const v1::AgentPassage& passage : from.passages()) {
    to.observation.read.push_back(trajectory.passages.size());
    trajectory.passages.push_back(PassageFromProto(passage, to.number));
  }
  trajectory.steps.push_back(std::move(to));
  return absl::OkStatus();
}

void ToProto(const agent::AskResult& from, v1::AskResult& to) {
  AnswerToProto(from.answer, *to.mutable_answer());
  to.set_stopped_by(ToWire(kStoppedBy, from.stopped_by));
  BillToProto(from.bill, *to.mutable_bill());
  to.set_generation(from.generation);
  to.set_trace(from.trace);
}

absl::StatusOr<agent::AskResult> FromProto(const v1::AskResult& from) {
  agent::AskResult to;
  to.answer = AnswerFromProto(from.answer());
  to.stopped_by = FromWire(kStoppedBy, from.stopped_by());
  ASSIGN_OR_RETURN(to.bill, BillFromProto(from.bill()));
  to.generation = from.generation();
  to.trace = from.trace();
  return to;
}

}  // namespace foraker::convert
