#include "model/encoder/model_layout.h"

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/status.h"
#include "model/json/json_object.h"

namespace foraker::model {
namespace {

enum class ModuleKind { kTransformer, kPooling, kStaticEmbedding, kRouter };

struct Module {
  ModuleKind kind;
  std::string directory;

  friend bool operator==(const Module&, const Module&) = default;
};

// By the class, the last part of a type such as
// "sentence_transformers.sparse_encoder.models.SpladePooling".
std::optional<ModuleKind> KindOf(std::string_view type) {
  const std::string_view name = type.substr(type.rfind('.') + 1);
  if (name == "MLMTransformer" || name == "Transformer") return ModuleKind::kTransformer;
  if (name == "SpladePooling") return ModuleKind::kPooling;
  if (name == "SparseStaticEmbedding") return ModuleKind::kStaticEmbedding;
  if (name == "Router" || name == "Asym") return ModuleKind::kRouter;
  return std::nullopt;
}

bool IsBelow(const std::string& path) {
  if (!path.empty() && path[0] == '/') return false;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") return false;
  }
  return true;
}

// `key` of `object` holds the type, and the module lies in `path`.
absl::StatusOr<Module> ParseModule(const JsonObject& object, std::string_view key,
                                   const std::string& directory, const std::string& path) {
  std::string type;
  RETURN_IF_ERROR(object.Require(key, type));
  const std::optional<ModuleKind> kind = KindOf(type);
  if (!kind) {
    return object.Unexpected(
        key, "a Router, MLMTransformer, Transformer, SpladePooling or SparseStaticEmbedding");
  }
  if (!IsBelow(path)) return object.Unexpected(key, "a folder inside the model's directory");
  return Module{*kind, path.empty() ? directory : directory + "/" + path};
}

// The modules of a route, of those that the router declares.
absl::StatusOr<std::vector<Module>> ParseRoute(const JsonObject& structure, std::string_view route,
                                               const std::map<std::string, Module>& declared) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(structure.Get(route, names));
  std::vector<Module> modules;
  for (const std::string& name : names) {
    const auto found = declared.find(name);
    if (found == declared.end()) {
      return structure.Unexpected(route, "modules that \"types\" declares");
    }
    modules.push_back(found->second);
  }
  return modules;
}

bool IsDocumentEncoder(const std::vector<Module>& modules) {
  return modules.size() == 2 && modules[0].kind == ModuleKind::kTransformer &&
         modules[1].kind == ModuleKind::kPooling;
}

// Versions before the router had a file of its own kept it in config.json.
absl::StatusOr<JsonObject> ReadRouter(const std::string& directory) {
  const std::string path = directory + "/router_config.json";
  return JsonObject::Read(base::FileExists(path) ? path : directory + "/config.json");
}

absl::StatusOr<ModelLayout> ParseRouter(const JsonObject& router, const std::string& directory) {
  JsonObject types = router;
  RETURN_IF_ERROR(router.Require("types", types));
  std::map<std::string, Module> declared;
  for (const std::string& path : types.Keys()) {
    ASSIGN_OR_RETURN(const Module module, ParseModule(types, path, directory, path));
    declared.emplace(path, module);
  }
  JsonObject structure = router;
  RETURN_IF_ERROR(router.Require("structure", structure));
  ASSIGN_OR_RETURN(const auto document, ParseRoute(structure, "document", declared));
  ASSIGN_OR_RETURN(const auto query, ParseRoute(structure, "query", declared));
  JsonObject parameters = router;
  JsonObject mappings = router;
  if (router.Has("parameters")) {
    RETURN_IF_ERROR(router.Get("parameters", parameters));
    if (parameters.Has("route_mappings")) {
      RETURN_IF_ERROR(parameters.Get("route_mappings", mappings));
      if (!mappings.Keys().empty()) return parameters.Unexpected("route_mappings", "none");
    }
  }
  if (!IsDocumentEncoder(document)) {
    return structure.Unexpected("document", "an MLMTransformer and a SpladePooling");
  }
  ModelLayout layout{document[0].directory, document[1].directory, ""};
  if (query.size() == 1 && query[0].kind == ModuleKind::kStaticEmbedding) {
    layout.static_embedding = query[0].directory;
  } else if (!query.empty() && query != document) {
    return structure.Unexpected("query", "one SparseStaticEmbedding or the modules of documents");
  }
  return layout;
}

// What sentence-transformers does before and after its modules: a prompt would be put before every
// text, another similarity than the dot product would scale the vectors.
absl::Status CheckModel(const std::string& directory) {
  const std::string path = directory + "/config_sentence_transformers.json";
  if (!base::FileExists(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const JsonObject json, JsonObject::Read(path));
  JsonObject prompts = json;
  if (json.Has("prompts")) {
    RETURN_IF_ERROR(json.Get("prompts", prompts));
    for (const std::string& name : prompts.Keys()) {
      std::string prompt;
      RETURN_IF_ERROR(prompts.Get(name, prompt));
      if (!prompt.empty()) return prompts.Unexpected(name, "no prompt");
    }
  }
  std::string similarity = "dot";
  RETURN_IF_ERROR(json.Get("similarity_fn_name", similarity));
  if (similarity == "dot" || similarity == "dot_product") return absl::OkStatus();
  return json.Unexpected("similarity_fn_name", "\"dot\"");
}

}  // namespace

absl::StatusOr<ModelLayout> FindModelLayout(const std::string& directory) {
  const std::string path = directory + "/modules.json";
  if (!base::FileExists(path)) return ModelLayout{directory, "", ""};
  RETURN_IF_ERROR(CheckModel(directory));
  ASSIGN_OR_RETURN(const std::vector<JsonObject> entries, JsonObject::ReadArray(path));
  std::vector<Module> modules;
  for (const JsonObject& entry : entries) {
    std::string folder;
    RETURN_IF_ERROR(entry.Get("path", folder));
    ASSIGN_OR_RETURN(Module module, ParseModule(entry, "type", directory, folder));
    modules.push_back(std::move(module));
  }
  if (IsDocumentEncoder(modules)) {
    return ModelLayout{modules[0].directory, modules[1].directory, ""};
  }
  if (modules.size() == 1 && modules[0].kind == ModuleKind::kRouter) {
    ASSIGN_OR_RETURN(const JsonObject router, ReadRouter(modules[0].directory));
    return ParseRouter(router, modules[0].directory);
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: expected one Router, or an MLMTransformer and a SpladePooling, got %d modules", path,
      modules.size()));
}

}  // namespace foraker::model
