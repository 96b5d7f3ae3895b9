// The lists that wait for a pass, shared fairly among callers, and bounded.
//
// Deficit round robin (Shreedhar and Varghese, "Efficient Fair Queueing using Deficit Round Robin",
// 1995) in tokens: callers with waiting lists stand in a ring, a turn gives a caller a quantum of
// tokens to spend, and what a turn leaves is kept for the next as long as something waits. A caller
// whose lists are ten times as long gets a tenth of the lists. Within a caller: first come, first
// served.
//
// When the queue is full, the newest list of the caller with the most waiting tokens makes room, if
// that caller holds more than the one that comes: nobody can fill the queue against others. One
// list may always wait, however long.
//
// Not thread-safe. Shares its tickets with their callers.

#ifndef FORAKER_RANKER_RANK_QUEUE_H_
#define FORAKER_RANKER_RANK_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ranker/rank_ticket.h"

namespace foraker::ranker {

class RankQueue {
 public:
  using Ticket = std::shared_ptr<RankTicket>;

  // `quantum` of tokens a turn, at least 1; `max_tokens` that may wait.
  RankQueue(uint32_t quantum, uint64_t max_tokens) : quantum_(quantum), max_tokens_(max_tokens) {}

  // False: there is no room, and nothing was changed. Tickets that made room are added to
  // `evicted`.
  bool Push(const Ticket& ticket, std::vector<Ticket>& evicted);
  // The lists of the next pass, in turn: together no more than `budget` tokens, or one longer list.
  std::vector<Ticket> TakePass(uint64_t budget);
  // Takes out the ticket, if it waits.
  void Remove(const RankTicket& ticket);
  std::vector<Ticket> TakeAll();

  // Waiting tokens whose turn comes before the end of a list of `tokens` that `caller` would add.
  uint64_t TokensAhead(std::string_view caller, uint64_t tokens) const;

  bool empty() const { return lists_ == 0; }
  size_t lists() const { return lists_; }
  uint64_t tokens() const { return tokens_; }

 private:
  struct Flow {
    std::string caller;
    std::deque<Ticket> waiting;  // never empty
    uint64_t tokens = 0;         // of what waits
    uint64_t deficit = 0;        // tokens that it may spend
    bool has_turn = false;       // and has got the turn's quantum
  };
  using Ring = std::list<Flow>;  // whose turn it is stands first

  Ring::iterator FlowOf(const std::string& caller);
  bool Fits(uint64_t tokens) const { return empty() || tokens_ + tokens <= max_tokens_; }
  // Evicts until `tokens` more of `flow` fit; false: they cannot.
  bool MakeRoom(Ring::iterator flow, uint64_t tokens, std::vector<Ticket>& evicted);
  void Add(Flow& flow, const Ticket& ticket);
  void Uncount(Flow& flow, const RankTicket& ticket);
  void EraseIfEmpty(Ring::iterator flow);

  const uint64_t quantum_;
  const uint64_t max_tokens_;
  Ring ring_;
  std::map<std::string, Ring::iterator, std::less<>> flow_of_;
  size_t lists_ = 0;
  uint64_t tokens_ = 0;
};

}  // namespace foraker::ranker

#endif  // FORAKER_RANKER_RANK_QUEUE_H_
