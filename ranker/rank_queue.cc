#include "ranker/rank_queue.h"

#include <algorithm>
#include <utility>

namespace foraker::ranker {

bool RankQueue::Push(const Ticket& ticket, std::vector<Ticket>& evicted) {
  const auto flow = FlowOf(ticket->job().caller);
  std::vector<Ticket> out;
  if (!MakeRoom(flow, ticket->tokens(), out)) {
    // Each was the newest of its caller.
    for (auto back = out.rbegin(); back != out.rend(); ++back) {
      Add(*flow_of_.find((*back)->job().caller)->second, *back);
    }
    EraseIfEmpty(flow);
    return false;
  }
  evicted.insert(evicted.end(), out.begin(), out.end());
  Add(*flow, ticket);
  return true;
}

bool RankQueue::MakeRoom(Ring::iterator flow, uint64_t tokens, std::vector<Ticket>& evicted) {
  while (!Fits(tokens)) {
    const auto fullest =
        std::max_element(ring_.begin(), ring_.end(),
                         [](const Flow& a, const Flow& b) { return a.tokens < b.tokens; });
    // Room made at the cost of a caller that holds less would only change who is refused. A caller
    // that loses a list keeps some: it holds more than nothing.
    if (fullest == flow || fullest->waiting.size() < 2 ||
        fullest->tokens - fullest->waiting.back()->tokens() < flow->tokens + tokens) {
      return false;
    }
    Ticket newest = std::move(fullest->waiting.back());
    fullest->waiting.pop_back();
    Uncount(*fullest, *newest);
    evicted.push_back(std::move(newest));
  }
  return true;
}

std::vector<RankQueue::Ticket> RankQueue::TakePass(uint64_t budget) {
  std::vector<Ticket> pass;
  uint64_t used = 0;
  while (!ring_.empty()) {
    Flow& flow = ring_.front();
    if (!std::exchange(flow.has_turn, true)) flow.deficit += quantum_;
    const uint64_t tokens = flow.waiting.front()->tokens();
    if (tokens > flow.deficit) {
      flow.has_turn = false;
      ring_.splice(ring_.end(), ring_, ring_.begin());
      continue;
    }
    if (!pass.empty() && used + tokens > budget) break;  // the turn goes on with the next pass
    used += tokens;
    flow.deficit -= tokens;
    Uncount(flow, *flow.waiting.front());
    pass.push_back(std::move(flow.waiting.front()));
    flow.waiting.pop_front();
    EraseIfEmpty(ring_.begin());
  }
  return pass;
}

void RankQueue::Remove(const RankTicket& ticket) {
  const auto found = flow_of_.find(ticket.job().caller);
  if (found == flow_of_.end()) return;
  const auto flow = found->second;
  const auto place = std::find_if(flow->waiting.begin(), flow->waiting.end(),
                                  [&ticket](const Ticket& t) { return t.get() == &ticket; });
  if (place == flow->waiting.end()) return;
  Uncount(*flow, ticket);
  flow->waiting.erase(place);
  EraseIfEmpty(flow);
}

std::vector<RankQueue::Ticket> RankQueue::TakeAll() {
  std::vector<Ticket> all;
  for (Flow& flow : ring_)
    std::move(flow.waiting.begin(), flow.waiting.end(), std::back_inserter(all));
  ring_.clear();
  flow_of_.clear();
  lists_ = 0;
  tokens_ = 0;
  return all;
}

uint64_t RankQueue::TokensAhead(std::string_view caller, uint64_t tokens) const {
  uint64_t own = 0;
  if (const auto found = flow_of_.find(caller); found != flow_of_.end()) {
    own = found->second->tokens;
  }
  uint64_t ahead = own;
  // Until its own are through, the others get as much each, if they want it.
  for (const Flow& flow : ring_) {
    if (flow.caller != caller) ahead += std::min(flow.tokens, own + tokens);
  }
  return ahead;
}

RankQueue::Ring::iterator RankQueue::FlowOf(const std::string& caller) {
  const auto [place, added] = flow_of_.try_emplace(caller, ring_.end());
  if (added) {
    place->second = ring_.insert(ring_.end(), Flow{.caller = caller, .waiting = {}});
  }
  return place->second;
}

void RankQueue::Add(Flow& flow, const Ticket& ticket) {
  ++lists_;
  tokens_ += ticket->tokens();
  flow.tokens += ticket->tokens();
  flow.waiting.push_back(ticket);
}

void RankQueue::Uncount(Flow& flow, const RankTicket& ticket) {
  --lists_;
  tokens_ -= ticket.tokens();
  flow.tokens -= ticket.tokens();
}

// What it had left to spend is gone with it: pauses earn nothing.
void RankQueue::EraseIfEmpty(Ring::iterator flow) {
  if (!flow->waiting.empty()) return;
  flow_of_.erase(flow->caller);
  ring_.erase(flow);
}

}  // namespace foraker::ranker
