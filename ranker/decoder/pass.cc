#include "ranker/decoder/pass.h"

namespace foraker::ranker {

void Pass::Add(const Prompt& prompt) {
  const uint32_t first = rows();
  PassList list;
  uint32_t begin = 0;
  const size_t last = prompt.block_ends.size() - 1;
  for (size_t b = 0; b <= last; ++b) {
    const uint32_t end = prompt.block_ends[b];
    const RowRange range = {first + begin, first + end};
    uint32_t position = 0;
    if (b == 0) {
      list.instruction = range;
    } else if (b < last) {
      list.documents.push_back(range);
      position = list.instruction.size();
    } else {
      list.query = range;
      position = prompt.query_offset;
    }
    for (uint32_t i = begin; i < end; ++i) positions.push_back(position++);
    begin = end;
  }
  ids.insert(ids.end(), prompt.ids.begin(), prompt.ids.end());
  list.scoring = prompt.scoring;
  for (const uint32_t signal : prompt.signals) list.signals.push_back(first + signal);
  lists.push_back(std::move(list));
}

void Pass::AddCausal(std::span<const uint32_t> sequence) {
  PassList list;
  list.instruction = {rows(), rows() + static_cast<uint32_t>(sequence.size())};
  for (uint32_t position = 0; position < sequence.size(); ++position) {
    positions.push_back(position);
  }
  ids.insert(ids.end(), sequence.begin(), sequence.end());
  lists.push_back(std::move(list));
}

}  // namespace foraker::ranker
