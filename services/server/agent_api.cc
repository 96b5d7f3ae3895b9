#include "services/server/agent_api.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/time/clock.h"
#include "base/status.h"
#include "services/convert/agent.h"
#include "services/convert/unknown_fields.h"

namespace foraker::server {
namespace {

// What a request's budget is where it says nothing: the default, or less where the server allows
// less.
agent::Budget DefaultBudget(const agent::AgentOptions& options) {
  agent::Budget budget;
  budget.searches = std::min(budget.searches, options.max_searches);
  budget.passages = std::min(budget.passages, options.max_passages);
  budget.time = std::min(budget.time, options.max_time);
  return budget;
}

agent::AskEvents Events(const SendAskEvent& send, absl::Time until) {
  agent::AskEvents events;
  events.on_thought = [&send, until](uint32_t step, std::string_view piece) {
    v1::AskResponse event;
    event.mutable_thought()->set_step(step);
    event.mutable_thought()->set_text(std::string(piece));
    send(std::move(event), until);
  };
  events.on_step = [&send, until](const agent::Step& step, const agent::Trajectory& trajectory) {
    v1::AskResponse event;
    convert::ToProto(step, trajectory, *event.mutable_step());
    send(std::move(event), until);
  };
  return events;
}

void Note(const agent::AskResult& result, CallNotes& notes) {
  const agent::Bill& bill = result.bill;
  notes.hits = bill.passages;
  notes.rank_tokens = bill.rank_tokens;
  notes.chat_tokens = bill.chat_tokens_in + bill.chat_tokens_out;
  notes.stopped_by = agent::StoppedByName(result.stopped_by);
  notes.of_models = bill.times.rank + bill.times.chat;
}

}  // namespace

absl::StatusOr<agent::AskRequest> AgentApi::Read(const v1::AskRequest& request,
                                                 const Call& call) const {
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  ASSIGN_OR_RETURN(agent::AskRequest ask,
                   convert::FromProto(request, DefaultBudget(options_), limits_));
  ask.budget.deadline = call.deadline;
  ask.cancelled = [this, cancelled = call.cancelled] { return cancelling_ || cancelled(); };
  ask.caller = call.Caller();
  return ask;
}

absl::Status AgentApi::Ask(const v1::AskRequest& request, Call& call, const SendAskEvent& send) {
  if (backends_.resolver() != nullptr) call.resolver = backends_.resolver();
  RETURN_IF_ERROR(call.Use(request.collection()));
  call.notes.query_bytes = request.question().size();
  call.notes.query_text = request.question();
  ASSIGN_OR_RETURN(const agent::AskRequest ask, Read(request, call));
  ASSIGN_OR_RETURN(const agent::Services services, backends_.For(ask, call.notes));
  const auto agent = agent::MakeLocalAgent(
      [&services](const agent::AskRequest&) -> absl::StatusOr<agent::Services> { return services; },
      options_);
  const absl::Time until = std::min(ask.budget.deadline, absl::Now() + ask.budget.time);
  const absl::StatusOr<agent::AskResult> result = agent->Ask(ask, Events(send, until));
  if (!result.ok()) {
    metrics_.CountFailedRun();
    return result.status();
  }
  Note(*result, call.notes);
  metrics_.CountRun(*result);
  v1::AskResponse event;
  convert::ToProto(*result, *event.mutable_result());
  send(std::move(event), until);
  return absl::OkStatus();
}

}  // namespace foraker::server
