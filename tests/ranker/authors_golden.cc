#include "tests/ranker/authors_golden.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace foraker::ranker {
namespace {

using Json = nlohmann::json;

Json Read(const std::string& name) {
  std::ifstream in("tests/golden/ranker/authors/" + name + ".json");
  return Json::parse(in);
}

}  // namespace

std::vector<AuthorsList> ReadAuthorsLists() {
  std::vector<AuthorsList> lists;
  for (const std::string name :
       {"one", "five", "thirty", "unicode", "short", "blank", "truncated"}) {
    const Json json = Read(name);
    AuthorsList& list = lists.emplace_back();
    list.name = name;
    list.query = json.at("query");
    for (const Json& document : json.at("documents")) {
      list.documents.push_back({document.at("title"), document.at("text")});
    }
    list.max_document_tokens = json.at("max_document_tokens");
    json.at("pieces").get_to(list.pieces);
    json.at("blocks").get_to(list.blocks);
    json.at("first_positions").get_to(list.first_positions);
    json.at("scores").get_to(list.scores);
  }
  return lists;
}

std::map<std::string, AuthorsModel> ReadAuthorsModels() {
  std::map<std::string, AuthorsModel> models;
  const Json file = Read("models");
  for (const auto& [name, json] : file.at("models").items()) {
    DecoderConfig config;
    config.family = DecoderFamily::kMistral;
    config.hidden = json.at("hidden_size");
    config.intermediate = json.at("intermediate_size");
    config.layers = json.at("num_hidden_layers");
    config.heads = json.at("num_attention_heads");
    config.kv_heads = json.at("num_key_value_heads");
    config.head_width = json.at("head_dim");
    config.vocabulary = 32768;
    config.max_positions = json.at("max_position_embeddings");
    config.rope_theta = json.at("rope_theta");
    models[name] = {config, json.at("seed"), json.at("layer")};
  }
  return models;
}

}  // namespace foraker::ranker
