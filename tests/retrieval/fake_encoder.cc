#include "tests/retrieval/fake_encoder.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

namespace foraker::retrieval {
namespace {

constexpr uint32_t kUnknown = 1;
constexpr uint32_t kFirstWord = 4;

class FakeTokenizer final : public model::WordPiece {
 public:
  explicit FakeTokenizer(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  class FakeSession final : public Session {
   public:
    explicit FakeSession(const FakeTokenizer& tokenizer) : tokenizer_(tokenizer) {}

    const std::vector<model::Token>& Tokenize(std::string_view text) override {
      tokens_.clear();
      const auto is_letter = [&](uint32_t at) {
        return at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0;
      };
      for (uint32_t i = 0; i < text.size();) {
        const uint32_t begin = i;
        while (is_letter(i)) ++i;
        if (i > begin) {
          AddWord(text, begin, i);
        } else {
          ++i;
          if (text[begin] != ' ') Add(text.substr(begin, 1), begin, i);
        }
      }
      return tokens_;
    }

   private:
    void AddWord(std::string_view text, uint32_t begin, uint32_t end) {
      const bool gerund = end - begin > 3 && text.substr(end - 3, 3) == "ing";
      const uint32_t stem_end = gerund ? end - 3 : end;
      Add(text.substr(begin, stem_end - begin), begin, stem_end);
      if (gerund) Add("##ing", stem_end, end);
    }
    void Add(std::string_view piece, uint32_t begin, uint32_t end) {
      std::string folded(piece);
      std::transform(folded.begin(), folded.end(), folded.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      tokens_.push_back({tokenizer_.IdOf(folded).value_or(kUnknown), begin, end});
    }

    const FakeTokenizer& tokenizer_;
    std::vector<model::Token> tokens_;
  };

  std::unique_ptr<Session> NewSession() const override {
    return std::make_unique<FakeSession>(*this);
  }
  uint32_t vocabulary_size() const override { return static_cast<uint32_t>(tokens_.size()); }
  std::string_view TextOf(uint32_t id) const override { return tokens_[id]; }
  std::optional<uint32_t> IdOf(std::string_view token) const override {
    const auto found = std::find(tokens_.begin(), tokens_.end(), token);
    if (found == tokens_.end()) return std::nullopt;
    return static_cast<uint32_t>(found - tokens_.begin());
  }
  bool IsSpecial(uint32_t id) const override { return id < kFirstWord; }
  uint32_t cls() const override { return 2; }
  uint32_t sep() const override { return 3; }
  const std::vector<std::string>& files() const override { return files_; }
  std::string Fingerprint() const override { return "fake"; }

 private:
  std::vector<std::string> tokens_;
  std::vector<std::string> files_;
};

class FakeModelSession final : public model::SparseEncoder::Session {
 public:
  absl::Status Encode(std::span<const std::span<const uint32_t>> texts,
                      std::vector<std::vector<model::LearnedTerm>>& terms) override {
    terms.assign(texts.size(), {});
    for (size_t i = 0; i < texts.size(); ++i) {
      std::map<uint32_t, model::LearnedTerm> by_token;
      for (uint32_t t = 0; t < texts[i].size(); ++t) {
        const uint32_t id = texts[i][t];
        if (id < kFirstWord) continue;
        by_token.try_emplace(id + 1, model::LearnedTerm{id + 1, 0.5f, t});
        by_token.insert_or_assign(id, model::LearnedTerm{id, 1.0f, t});
      }
      for (const auto& [id, term] : by_token) terms[i].push_back(term);
    }
    return absl::OkStatus();
  }
};

}  // namespace

FakeTable::FakeTable(const Weights& weights, bool has_weights) {
  std::vector<std::string> tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"};
  if (has_weights) weights_.assign(tokens.size(), 0.0f);
  for (const auto& [token, weight] : weights) {
    tokens.push_back(token);
    if (has_weights) weights_.push_back(weight);
  }
  tokenizer_ = std::make_unique<FakeTokenizer>(std::move(tokens));
}

std::unique_ptr<model::SparseEncoder::Session> FakeModel::NewSession() const {
  return std::make_unique<FakeModelSession>();
}

}  // namespace foraker::retrieval
