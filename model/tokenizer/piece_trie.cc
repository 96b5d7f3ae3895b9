#include "model/tokenizer/piece_trie.h"

#include <algorithm>
#include <cstring>

namespace foraker::model {

PieceTrie::PieceTrie(std::span<const std::string> tokens) {
  std::vector<uint32_t> sorted;
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    if (!tokens[id].empty()) sorted.push_back(id);
  }
  std::sort(sorted.begin(), sorted.end(),
            [&](uint32_t a, uint32_t b) { return tokens[a] < tokens[b]; });

  // A node is the range of sorted tokens that share its bytes.
  struct Range {
    size_t begin, end, depth;
  };
  std::vector<Range> nodes = {{0, sorted.size(), 0}};
  labels_.push_back('\0');
  for (size_t n = 0; n < nodes.size(); ++n) {
    auto [begin, end, depth] = nodes[n];
    const bool ends_here = begin < end && tokens[sorted[begin]].size() == depth;
    ids_.push_back(ends_here ? sorted[begin++] : kNoId);
    first_children_.push_back(static_cast<Node>(nodes.size()));
    while (begin < end) {
      const char label = tokens[sorted[begin]][depth];
      size_t next = begin + 1;
      while (next < end && tokens[sorted[next]][depth] == label) ++next;
      nodes.push_back({begin, next, depth + 1});
      labels_.push_back(label);
      begin = next;
    }
  }
  first_children_.push_back(static_cast<Node>(nodes.size()));
}

PieceTrie::Node PieceTrie::Child(Node node, char byte) const {
  const Node first = first_children_[node];
  const size_t count = first_children_[node + 1] - first;
  if (count == 0) return kNoNode;
  const auto* found = static_cast<const char*>(
      std::memchr(labels_.data() + first, static_cast<unsigned char>(byte), count));
  return found == nullptr ? kNoNode : static_cast<Node>(found - labels_.data());
}

std::optional<PieceTrie::Node> PieceTrie::Walk(Node from, std::string_view bytes) const {
  for (const char byte : bytes) {
    from = Child(from, byte);
    if (from == kNoNode) return std::nullopt;
  }
  return from;
}

std::optional<PieceTrie::Match> PieceTrie::Longest(Node from, std::string_view text) const {
  std::optional<Match> longest;
  for (size_t i = 0; i < text.size(); ++i) {
    from = Child(from, text[i]);
    if (from == kNoNode) break;
    if (ids_[from] != kNoId) longest = {ids_[from], i + 1};
  }
  return longest;
}

}  // namespace foraker::model
