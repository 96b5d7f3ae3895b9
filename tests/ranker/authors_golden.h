// The authors' numbers in tests/golden/ranker/authors/ (its README says what they are).

#ifndef FORAKER_TESTS_RANKER_AUTHORS_GOLDEN_H_
#define FORAKER_TESTS_RANKER_AUTHORS_GOLDEN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ranker/decoder/decoder_config.h"
#include "retrieval/api/reranker.h"

namespace foraker::ranker {

struct AuthorsList {
  std::string name;
  std::string query;
  std::vector<retrieval::RankDocument> documents;
  uint32_t max_document_tokens = 0;
  std::vector<std::string> pieces;
  std::vector<std::vector<uint32_t>> blocks;
  std::vector<uint32_t> first_positions;
  // scores[model][variant][document]
  std::map<std::string, std::map<std::string, std::vector<double>>> scores;
};

struct AuthorsModel {
  DecoderConfig config;
  uint64_t seed = 0;
  uint32_t layer = 0;
};

std::vector<AuthorsList> ReadAuthorsLists();
std::map<std::string, AuthorsModel> ReadAuthorsModels();

}  // namespace foraker::ranker

#endif  // FORAKER_TESTS_RANKER_AUTHORS_GOLDEN_H_
