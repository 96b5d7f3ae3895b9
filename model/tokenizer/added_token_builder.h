// Collects the added tokens of a decoder's tokenizer from the files that state them. A later
// statement of the same token replaces an earlier one, as in Hugging Face's added vocabulary.
//
// Errors: kInvalidArgument for an id out of range, of another token, or other than the
// vocabulary's.

#ifndef FORAKER_MODEL_TOKENIZER_ADDED_TOKEN_BUILDER_H_
#define FORAKER_MODEL_TOKENIZER_ADDED_TOKEN_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "model/json/json_object.h"
#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/vocabulary_builder.h"

namespace foraker::model {

class AddedTokenBuilder {
 public:
  // Errors call the file `path`. The vocabulary must outlive this.
  AddedTokenBuilder(std::string path, const VocabularyBuilder& vocabulary);

  absl::Status Put(AddedToken token, uint64_t id);
  // "added_tokens_decoder" of tokenizer_config.json, where there is one.
  absl::Status PutConfigured(const JsonObject* config);

  // The builder is empty afterwards.
  std::vector<AddedToken> Take();

 private:
  const std::string path_;
  const VocabularyBuilder& vocabulary_;
  std::vector<AddedToken> tokens_;
  absl::flat_hash_map<std::string, size_t> by_content_;  // indices of tokens_
  absl::flat_hash_map<uint32_t, size_t> by_id_;
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_TOKENIZER_ADDED_TOKEN_BUILDER_H_
