#include "index/segment/document.h"

namespace foraker::index {

std::string_view FieldTypeName(FieldType type) {
  switch (type) {
    case FieldType::kKeyword:
      return "keyword";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kReal:
      return "real";
    case FieldType::kBoolean:
      return "boolean";
    case FieldType::kTimestamp:
      return "timestamp";
  }
  return "unknown";
}

FieldType TypeOf(const FieldValue& value) {
  struct Types {
    FieldType operator()(const std::string&) const { return FieldType::kKeyword; }
    FieldType operator()(int64_t) const { return FieldType::kInteger; }
    FieldType operator()(double) const { return FieldType::kReal; }
    FieldType operator()(bool) const { return FieldType::kBoolean; }
    FieldType operator()(Timestamp) const { return FieldType::kTimestamp; }
  };
  return std::visit(Types(), value);
}

}  // namespace foraker::index
