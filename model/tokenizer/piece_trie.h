// The vocabulary as a trie over bytes: the longest token that a text begins with, in one walk.
//
// Nodes lie breadth first, so the children of a node are neighbours and the labels of children a
// string in which memchr finds the next byte. About 6 bytes more than the tokens themselves a node.
//
// Immutable, safe for concurrent use.

#ifndef FORAKER_MODEL_TOKENIZER_PIECE_TRIE_H_
#define FORAKER_MODEL_TOKENIZER_PIECE_TRIE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foraker::model {

class PieceTrie {
 public:
  using Node = uint32_t;
  static constexpr Node kRoot = 0;

  struct Match {
    uint32_t id;
    size_t bytes;
  };

  // `tokens` by id, distinct; an empty one is no token.
  explicit PieceTrie(std::span<const std::string> tokens);

  // Where the walk over `bytes` from `from` ends; nothing when no token goes on like this.
  std::optional<Node> Walk(Node from, std::string_view bytes) const;

  // The longest of the tokens below `from` that `text` begins with; not the token at `from`.
  std::optional<Match> Longest(Node from, std::string_view text) const;

  std::optional<uint32_t> IdAt(Node node) const {
    return ids_[node] == kNoId ? std::nullopt : std::optional<uint32_t>(ids_[node]);
  }

 private:
  static constexpr uint32_t kNoId = ~uint32_t{0};
  static constexpr Node kNoNode = ~Node{0};

  Node Child(Node node, char byte) const;

  std::string labels_;                // [nodes] the byte that leads to a node
  std::vector<uint32_t> ids_;         // [nodes] of the token that ends here, or kNoId
  std::vector<Node> first_children_;  // [nodes + 1] children of n: first[n] up to first[n + 1]
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_PIECE_TRIE_H_
