#include "services/cli/ask_json.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace foraker::cli {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order in which they are set
using agent::AskResult;
using agent::Step;
using agent::Trajectory;

Json ToValue(const retrieval::ByteRange& range) { return Json::array({range.begin, range.end}); }

std::string_view KindName(retrieval::NamedTerm::Kind kind) {
  switch (kind) {
    case retrieval::NamedTerm::Kind::kToken:
      return "token";
    case retrieval::NamedTerm::Kind::kStem:
      return "stem";
    case retrieval::NamedTerm::Kind::kTitle:
      return "title";
    case retrieval::NamedTerm::Kind::kImported:
      return "imported";
  }
  return "";
}

Json ToValue(const agent::Answer& answer) {
  Json citations = Json::array();
  for (const agent::Citation& citation : answer.citations) {
    citations.push_back({{"id", citation.document_id},
                         {"title", citation.title},
                         {"passage", citation.passage},
                         {"range", ToValue(citation.range)},
                         {"quote", citation.quote}});
  }
  return {{"found", answer.found},       {"text", answer.text},
          {"sentence", answer.sentence}, {"citations", std::move(citations)},
          {"reason", answer.reason},     {"confidence", answer.confidence},
          {"answerer", answer.answerer}};
}

Json ToValue(const agent::Passage& passage) {
  Json json = {{"id", passage.document_id},
               {"passage", passage.ordinal},
               {"passage_range", ToValue(passage.range)},
               {"title", passage.title},
               {"text", passage.text},
               {"score", passage.score}};
  if (passage.rank_score) json["rank_score"] = *passage.rank_score;
  return json;
}

Json ToValue(const agent::StopDecision& decision) {
  Json features = Json::object();
  for (const agent::StopFeature& feature : agent::AllStopFeatures())
    features[std::string(feature.name)] = decision.features.*feature.value;
  return {{"probability", decision.probability}, {"features", std::move(features)}};
}

Json ToValue(const std::vector<retrieval::NamedTerm>& terms) {
  Json json = Json::array();
  for (const retrieval::NamedTerm& term : terms)
    json.push_back({{"kind", KindName(term.kind)}, {"text", term.text}, {"weight", term.weight}});
  return json;
}

Json ToValue(const Step& step, const Trajectory& trajectory) {
  const agent::Observation& seen = step.observation;
  Json json = {{"number", step.number}, {"thought", step.thought}};
  const bool searched = step.tool == agent::Tool::kSearch;
  if (searched) json["query"] = step.query.text;
  if (searched && !step.query.terms.empty()) json["terms"] = ToValue(step.query.terms);
  if (searched || !seen.read.empty()) {
    Json passages = Json::array();
    for (const size_t place : seen.read)
      passages.push_back(ToValue(trajectory.passages[place].passage));
    json["passages"] = std::move(passages);
  }
  if (searched) {
    json["known"] = seen.known;
    json["exact"] = seen.exact;
  }
  if (!seen.error.empty()) json["error"] = seen.error;
  if (!seen.rerank_error.empty()) json["rerank_error"] = seen.rerank_error;
  if (step.decision) json["decision"] = ToValue(*step.decision);
  if (!searched) json["finish"] = true;
  json["ms"] = absl::ToDoubleMilliseconds(step.took);
  return json;
}

Json ToValue(const agent::Bill& bill) {
  const agent::StageTimes& times = bill.times;
  const auto ms = absl::ToDoubleMilliseconds;
  return {{"searches", bill.searches},
          {"retrieval_calls", bill.retrieval_calls},
          {"passages", bill.passages},
          {"documents", bill.documents},
          {"passage_tokens", bill.passage_tokens},
          {"chat_calls", bill.chat_calls},
          {"chat_tokens_in", bill.chat_tokens_in},
          {"chat_tokens_out", bill.chat_tokens_out},
          {"rank_tokens", bill.rank_tokens},
          {"timing",
           {{"plan_ms", ms(times.plan)},
            {"search_ms", ms(times.search)},
            {"rank_ms", ms(times.rank)},
            {"links_ms", ms(times.links)},
            {"chat_ms", ms(times.chat)},
            {"answer_ms", ms(times.answer)},
            {"total_ms", ms(times.total)}}}};
}

}  // namespace

std::string ToJson(const AskResult& result) {
  Json steps = Json::array();
  for (const Step& step : result.trajectory.steps)
    steps.push_back(ToValue(step, result.trajectory));
  const Json json = {{"question", result.trajectory.question},
                     {"answer", ToValue(result.answer)},
                     {"stopped_by", agent::StoppedByName(result.stopped_by)},
                     {"steps", std::move(steps)},
                     {"bill", ToValue(result.bill)},
                     {"generation", result.generation}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace foraker::cli
