// Files that the tests of tokenizers share.

#ifndef FORAKER_TESTS_MODEL_WORDPIECE_FILES_H_
#define FORAKER_TESTS_MODEL_WORDPIECE_FILES_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "model/json/json_object.h"
#include "model/tokenizer/wordpiece.h"

namespace foraker::model {

inline const std::string kWordPieceGolden = "tests/golden/wordpiece/";

inline std::string SharedFile(const std::string& name) {
  const char* shared = std::getenv("FORAKER_SHARED");
  return std::string(shared != nullptr ? shared : "../shared") + "/" + name;
}

inline std::vector<JsonObject> ReadJsonLines(const std::string& path) {
  std::ifstream in(path);
  std::vector<JsonObject> objects;
  for (std::string line; std::getline(in, line);) {
    auto object = JsonObject::Parse(line, path);
    EXPECT_TRUE(object.ok()) << object.status();
    if (object.ok()) objects.push_back(*std::move(object));
  }
  EXPECT_FALSE(objects.empty()) << path;
  return objects;
}

// The value of a key that must be there.
template <typename T>
T Field(const JsonObject& object, const std::string& key) {
  T value{};
  const absl::Status status = object.Require(key, value);
  EXPECT_TRUE(status.ok()) << status;
  return value;
}

inline std::shared_ptr<const WordPiece> OpenGolden(const std::string& name) {
  auto tokenizer = WordPiece::Open(kWordPieceGolden + name);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return *std::move(tokenizer);
}

}  // namespace foraker::model

#endif  // FORAKER_TESTS_MODEL_WORDPIECE_FILES_H_
