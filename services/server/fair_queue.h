// What waits for a thread, shared fairly among keys, and bounded.
//
// Fair queueing by virtual time (Goyal, Vin and Cheng, "Start-time Fair Queueing", 1997, with one
// rate for all): each key has a clock that moves on by the work of what it had run, and the key
// whose clock is furthest behind goes next. Work counts, not calls: a key whose searches read ten
// times the postings gets a tenth of the calls. A key that comes back after a pause starts at the
// present, so pauses earn nothing; one whose work turned out larger than forecast (Charge) waits
// until the others have caught up. Within a key: first come, first served.
//
// Three bounds hold for all that waits: places, bytes and work. When one is reached, the newest
// entry of the key with the most waiting work makes room, if that key holds more than the one that
// comes: nobody can fill the queue against others. One entry may always wait, however large.
//
// Not thread-safe. Every task is called exactly once, by whom it is handed to.

#ifndef FORAKER_SERVICES_SERVER_FAIR_QUEUE_H_
#define FORAKER_SERVICES_SERVER_FAIR_QUEUE_H_

#include <cstddef>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace foraker::server {

// What becomes of an entry: its turn comes, or it loses its place to another key's.
enum class Turn { kRun, kRefused };

struct QueueLimits {
  size_t places = 256;
  size_t bytes = 64 << 20;
  double work = std::numeric_limits<double>::infinity();
};

class FairQueue {
 public:
  // Returns the work that was done in the end, in the unit of Cost::work.
  using Task = absl::AnyInvocable<double(Turn)>;
  struct Cost {
    double work = 1;  // as forecast; any unit, > 0
    size_t places = 1;
    size_t bytes = 0;
  };
  struct Entry {
    std::string key;
    Cost cost;
    Task task;
  };

  // False: there is no room; the task was not taken. Entries that had to make room are added to
  // `evicted`, to be refused.
  bool Push(Entry& entry, const QueueLimits& limits, std::vector<Entry>& evicted);

  // The next one; the queue must not be empty. End must follow for its key.
  Entry Pop();
  // The entry's work is done; it took `extra` more (or less) work than was forecast.
  void End(const std::string& key, double extra);

  bool empty() const { return turns_.empty(); }
  size_t entries() const { return entries_; }
  size_t places() const { return total_.places; }
  double work() const { return total_.work; }

 private:
  struct Flow {
    std::deque<Entry> waiting;
    double work = 0;   // of what waits
    double clock = 0;  // work that it had
    size_t running = 0;
  };
  using Flows = std::map<std::string, Flow, std::less<>>;

  bool Fits(const Cost& cost, const QueueLimits& limits) const;
  // The key with the most waiting work.
  Flows::iterator Fullest();
  Entry Evict(Flows::iterator flow);
  void Count(const Cost& cost, Flow& flow);
  void Uncount(const Cost& cost, Flow& flow);
  void ForgetIfIdle(Flows::iterator flow);

  Flows flows_;                               // with waiting or running entries, or ahead of now_
  std::set<std::pair<double, Flow*>> turns_;  // clocks of the flows that have something waiting
  double now_ = 0;                            // clock of the flow that had the last turn
  size_t running_ = 0;
  size_t entries_ = 0;                                 // that wait
  Cost total_ = {.work = 0, .places = 0, .bytes = 0};  // of all that waits
};

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_FAIR_QUEUE_H_
