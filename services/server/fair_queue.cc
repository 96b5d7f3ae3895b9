#include "services/server/fair_queue.h"

#include <algorithm>

namespace foraker::server {

bool FairQueue::Push(Entry& entry, const QueueLimits& limits, std::vector<Entry>& evicted) {
  const auto flow = flows_.try_emplace(entry.key).first;
  while (!Fits(entry.cost, limits)) {
    const auto fullest = Fullest();
    // Room made at the cost of a key that holds less would only change who is refused.
    if (fullest == flow || fullest->second.work - fullest->second.waiting.back().cost.work <
                               flow->second.work + entry.cost.work) {
      ForgetIfIdle(flow);
      return false;
    }
    evicted.push_back(Evict(fullest));
  }
  Flow& f = flow->second;
  if (f.waiting.empty()) {
    f.clock = std::max(f.clock, now_);
    turns_.emplace(f.clock, &f);
  }
  Count(entry.cost, f);
  f.waiting.push_back(std::move(entry));
  return true;
}

FairQueue::Entry FairQueue::Pop() {
  Flow& flow = *turns_.begin()->second;
  turns_.erase(turns_.begin());
  now_ = std::max(now_, flow.clock);
  Entry entry = std::move(flow.waiting.front());
  flow.waiting.pop_front();
  Uncount(entry.cost, flow);
  flow.clock += entry.cost.work;
  ++flow.running;
  ++running_;
  if (!flow.waiting.empty()) turns_.emplace(flow.clock, &flow);
  return entry;
}

void FairQueue::End(const std::string& key, double extra) {
  const auto found = flows_.find(key);
  Flow& flow = found->second;
  if (!flow.waiting.empty()) turns_.erase({flow.clock, &flow});
  flow.clock += extra;
  if (!flow.waiting.empty()) turns_.emplace(flow.clock, &flow);
  --flow.running;
  --running_;
  // Debts to nobody are forgiven.
  if (running_ == 0 && turns_.empty()) {
    flows_.clear();
    now_ = 0;
    return;
  }
  ForgetIfIdle(found);
}

bool FairQueue::Fits(const Cost& cost, const QueueLimits& limits) const {
  if (turns_.empty()) return true;
  return total_.places + cost.places <= limits.places &&
         total_.bytes + cost.bytes <= limits.bytes && total_.work + cost.work <= limits.work;
}

FairQueue::Flows::iterator FairQueue::Fullest() {
  return std::max_element(flows_.begin(), flows_.end(), [](const auto& a, const auto& b) {
    return a.second.work < b.second.work;
  });
}

FairQueue::Entry FairQueue::Evict(Flows::iterator flow) {
  Flow& f = flow->second;
  Entry entry = std::move(f.waiting.back());
  f.waiting.pop_back();
  Uncount(entry.cost, f);
  if (f.waiting.empty()) turns_.erase({f.clock, &f});
  ForgetIfIdle(flow);
  return entry;
}

void FairQueue::Count(const Cost& cost, Flow& flow) {
  ++entries_;
  flow.work += cost.work;
  total_.work += cost.work;
  total_.places += cost.places;
  total_.bytes += cost.bytes;
}

void FairQueue::Uncount(const Cost& cost, Flow& flow) {
  --entries_;
  // Sums of doubles leave crumbs.
  flow.work = flow.waiting.empty() ? 0 : flow.work - cost.work;
  total_.work -= cost.work;
  total_.places -= cost.places;
  total_.bytes -= cost.bytes;
}

void FairQueue::ForgetIfIdle(Flows::iterator flow) {
  const Flow& f = flow->second;
  if (f.waiting.empty() && f.running == 0 && f.clock <= now_) flows_.erase(flow);
}

}  // namespace foraker::server
