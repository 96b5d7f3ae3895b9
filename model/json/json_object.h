// A JSON object of a model's file, read a key at a time. Keys that nobody asks for are passed over:
// such files are full of what concerns training alone.
//
// Every error is kInvalidArgument and names the file, the key with its path ("rope_scaling.type"),
// what was expected and what was there. A key that is null counts as absent; one that comes twice
// is refused when the file is parsed.
//
// A view with shared ownership of the parsed file: cheap to copy, immutable, thread-safe.

#ifndef FORAKER_MODEL_JSON_JSON_OBJECT_H_
#define FORAKER_MODEL_JSON_JSON_OBJECT_H_

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace foraker::model {

class JsonObject {
 public:
  // `file` is what errors call the text.
  static absl::StatusOr<JsonObject> Parse(std::string_view text, const std::string& file);
  // A file that holds an array of objects.
  static absl::StatusOr<std::vector<JsonObject>> ParseArray(std::string_view text,
                                                            const std::string& file);
  static absl::StatusOr<JsonObject> Read(const std::string& path);
  static absl::StatusOr<std::vector<JsonObject>> ReadArray(const std::string& path);

  // In ascending order; those that are null too.
  std::vector<std::string> Keys() const;
  bool Has(std::string_view key) const;

  // An absent key leaves `out` as it was.
  absl::Status Get(std::string_view key, bool& out) const;
  absl::Status Get(std::string_view key, std::string& out) const;
  absl::Status Get(std::string_view key, double& out) const;
  absl::Status Get(std::string_view key, uint64_t& out) const;
  absl::Status Get(std::string_view key, JsonObject& out) const;
  absl::Status Get(std::string_view key, std::vector<JsonObject>& out) const;
  absl::Status Get(std::string_view key, std::vector<uint64_t>& out) const;
  absl::Status Get(std::string_view key, std::vector<std::string>& out) const;
  absl::Status Get(std::string_view key, std::vector<std::vector<std::string>>& out) const;

  // An absent key is an error.
  template <typename T>
  absl::Status Require(std::string_view key, T& out) const {
    if (absl::Status status = CheckPresent(key); !status.ok()) return status;
    return Get(key, out);
  }

  // The error for what the key holds.
  absl::Status Unexpected(std::string_view key, std::string_view expected) const;

 private:
  struct File;

  JsonObject(std::shared_ptr<const File> file, const nlohmann::json* object, std::string path);

  absl::Status CheckPresent(std::string_view key) const;
  const nlohmann::json* Find(std::string_view key) const;  // null when absent
  template <typename T>
  absl::Status GetAs(std::string_view key, std::string_view expected, T& out) const;

  std::shared_ptr<const File> file_;
  const nlohmann::json* object_;
  std::string path_;  // of the object in the file, with a final dot; "" at the top
};

}  // namespace foraker::model

#endif  // FORAKER_MODEL_JSON_JSON_OBJECT_H_
