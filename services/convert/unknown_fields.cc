#include "services/convert/unknown_fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/field_path.h"

namespace foraker::convert {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

absl::Status Check(const Message& message, const FieldPath& path) {
  const Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    return path.Invalid(absl::StrFormat("unknown field %d (this server's %s has no such field)",
                                        unknown.field(0).number(),
                                        message.GetDescriptor()->full_name()));
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      RETURN_IF_ERROR(Check(reflection.GetMessage(message, field), path.Field(field->name())));
      continue;
    }
    const int size = reflection.FieldSize(message, field);
    for (int i = 0; i < size; ++i) {
      RETURN_IF_ERROR(
          Check(reflection.GetRepeatedMessage(message, field, i), path.Element(field->name(), i)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckNoUnknownFields(const Message& message) { return Check(message, FieldPath()); }

}  // namespace foraker::convert
