// Bytes as a client might send them: the first chooses the message, the rest is parsed as
// protobuf's wire format, checked and converted. What converts must pass or fail the limits, and
// survive a round trip: what the client side writes of it converts again to the same message.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/time/time.h"
#include "agent/agent.h"
#include "foraker/v1/agent.pb.h"
#include "foraker/v1/rank.pb.h"
#include "foraker/v1/search.pb.h"
#include "retrieval/api/limits.h"
#include "services/convert/agent.h"
#include "services/convert/field_path.h"
#include "services/convert/filter.h"
#include "services/convert/rank.h"
#include "services/convert/search_request.h"
#include "services/convert/search_result.h"
#include "services/convert/unknown_fields.h"

namespace foraker {
namespace {

const absl::Time kArrival = absl::FromUnixSeconds(1'700'000'000);

void FuzzRequest(const void* data, int size) {
  v1::SearchRequest message;
  if (!message.ParseFromArray(data, size)) return;
  const retrieval::RequestLimits limits;
  (void)convert::CheckNoUnknownFields(message);
  const auto request = convert::FromProto(message, kArrival, limits);
  if (!request.ok() || !retrieval::CheckLimits(*request, limits).ok()) return;
  v1::SearchRequest once, twice;
  convert::ToProto(*request, kArrival, once);
  const auto again = convert::FromProto(once, kArrival, limits);
  if (!again.ok()) std::abort();
  convert::ToProto(*again, kArrival, twice);
  if (once.SerializeAsString() != twice.SerializeAsString()) std::abort();
}

void FuzzFilter(const void* data, int size) {
  v1::Filter message;
  if (!message.ParseFromArray(data, size)) return;
  const convert::FieldPath path;
  const auto filter = convert::FromProto(message, path, retrieval::RequestLimits().filter_depth);
  if (!filter.ok()) return;
  v1::Filter back;
  convert::ToProto(*filter, back);
}

// The client's side: a server's reply may hold anything.
void FuzzResponse(const void* data, int size) {
  v1::SearchResponse message;
  if (!message.ParseFromArray(data, size)) return;
  const auto result = convert::FromProto(message);
  if (!result.ok()) return;
  v1::SearchResponse back;
  convert::ToProto(*result, back);
}

void FuzzRankRequest(const void* data, int size) {
  v1::RankRequest message;
  if (!message.ParseFromArray(data, size)) return;
  (void)convert::CheckNoUnknownFields(message);
  const auto request = convert::FromProto(message);
  if (!request.ok()) return;
  v1::RankRequest once, twice;
  convert::ToProto(*request, once);
  const auto again = convert::FromProto(once);
  if (!again.ok()) std::abort();
  convert::ToProto(*again, twice);
  if (once.SerializeAsString() != twice.SerializeAsString()) std::abort();
}

void FuzzRankResponse(const void* data, int size) {
  v1::RankResponse message;
  if (!message.ParseFromArray(data, size)) return;
  v1::RankResponse back;
  convert::ToProto(convert::FromProto(message), back);
}

void FuzzAskRequest(const void* data, int size) {
  v1::AskRequest message;
  if (!message.ParseFromArray(data, size)) return;
  const retrieval::RequestLimits limits;
  (void)convert::CheckNoUnknownFields(message);
  const auto request = convert::FromProto(message, agent::Budget(), limits);
  if (!request.ok()) return;
  v1::AskRequest once, twice;
  convert::ToProto(*request, once);
  const auto again = convert::FromProto(once, agent::Budget(), limits);
  if (!again.ok()) std::abort();
  convert::ToProto(*again, twice);
  if (once.SerializeAsString() != twice.SerializeAsString()) std::abort();
}

// The client's side: the message as the next event of a run, sent on by another server.
void FuzzAskResponse(const void* data, int size) {
  v1::AskResponse message;
  if (!message.ParseFromArray(data, size)) return;
  agent::Trajectory trajectory;
  trajectory.steps.resize(message.step().number() % 4);
  if (message.has_step() && convert::AddStep(message.step(), trajectory).ok()) {
    v1::Step back;
    convert::ToProto(trajectory.steps.back(), trajectory, back);
    if (back.passages_size() != message.step().passages_size()) std::abort();
  }
  const auto result = convert::FromProto(message.result());
  if (!result.ok()) return;
  v1::AskResult back;
  convert::ToProto(*result, back);
}

}  // namespace
}  // namespace foraker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const int rest = static_cast<int>(size - 1);
  switch (data[0] % 7) {
    case 0:
      foraker::FuzzRequest(data + 1, rest);
      break;
    case 1:
      foraker::FuzzFilter(data + 1, rest);
      break;
    case 2:
      foraker::FuzzResponse(data + 1, rest);
      break;
    case 3:
      foraker::FuzzRankRequest(data + 1, rest);
      break;
    case 4:
      foraker::FuzzRankResponse(data + 1, rest);
      break;
    case 5:
      foraker::FuzzAskRequest(data + 1, rest);
      break;
    default:
      foraker::FuzzAskResponse(data + 1, rest);
      break;
  }
  return 0;
}
