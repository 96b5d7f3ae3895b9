#include "services/server/index_api.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "services/convert/collection.h"
#include "services/convert/search_request.h"
#include "services/convert/unknown_fields.h"
#include "services/convert/value.h"

namespace foraker::server {
namespace {

using convert::FieldPath;
using convert::ReadMask;

constexpr uint32_t kDefaultPageSize = 100;

absl::Status CheckCollection(const std::string& collection) {
  return FieldPath().Field("collection").Required(collection);
}

absl::StatusOr<uint32_t> PageSize(bool set, uint32_t given, size_t most) {
  if (!set) return kDefaultPageSize;
  if (given >= 1 && given <= most) return given;
  return FieldPath()
      .Field("page_size")
      .Invalid(absl::StrFormat("expected 1 to %d, got %d", most, given));
}

// Leaves what the client asked for.
void ApplyMask(const ReadMask& mask,
               const google::protobuf::RepeatedPtrField<std::string>& field_names,
               retrieval::DocumentView& document) {
  if (!mask.title) document.title.clear();
  if (!mask.text) document.text.clear();
  if (!mask.fields) document.fields.clear();
  if (field_names.empty()) return;
  std::erase_if(document.fields, [&](const auto& field) {
    return std::find(field_names.begin(), field_names.end(), field.first) == field_names.end();
  });
}

}  // namespace

absl::Status IndexApi::GetDocuments(const v1::GetDocumentsRequest& request, Call& call,
                                    v1::GetDocumentsResponse& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(CheckCollection(request.collection()));
  const FieldPath path;
  if (request.ids_size() == 0) return path.Field("ids").Invalid("must be given");
  ASSIGN_OR_RETURN(const ReadMask mask,
                   convert::FromProto(request.read_mask(), ReadMask(), path.Field("read_mask")));
  const std::vector<std::string> ids(request.ids().begin(), request.ids().end());
  ASSIGN_OR_RETURN(std::vector<retrieval::DocumentView> documents,
                   searcher->Get(request.collection(), request.snapshot(), ids));
  for (retrieval::DocumentView& document : documents) {
    ApplyMask(mask, request.field_names(), document);
    convert::ToProto(document, *response.add_documents());
  }
  call.notes.hits = documents.size();
  return absl::OkStatus();
}

absl::Status IndexApi::ListDocuments(const v1::ListDocumentsRequest& request, Call& call,
                                     v1::ListDocumentsResponse& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(CheckCollection(request.collection()));
  const FieldPath path;
  const ReadMask unset{.title = true, .text = false, .fields = true};
  ASSIGN_OR_RETURN(const ReadMask mask,
                   convert::FromProto(request.read_mask(), unset, path.Field("read_mask")));
  retrieval::ListRequest list;
  list.collection = request.collection();
  list.snapshot = request.snapshot();
  list.page_token = request.page_token();
  list.with_text = mask.text;
  ASSIGN_OR_RETURN(list.page_size,
                   PageSize(request.has_page_size(), request.page_size(), limits_.page_size));
  ASSIGN_OR_RETURN(retrieval::ListResult result, searcher->List(list));
  for (retrieval::DocumentView& document : result.documents) {
    ApplyMask(mask, request.field_names(), document);
    convert::ToProto(document, *response.add_documents());
  }
  response.set_next_page_token(result.next_page_token);
  call.notes.hits = result.documents.size();
  return absl::OkStatus();
}

// The page token is the name of the last collection on the page before.
absl::Status IndexApi::ListCollections(const v1::ListCollectionsRequest& request, Call& call,
                                       v1::ListCollectionsResponse& response) {
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  ASSIGN_OR_RETURN(const uint32_t page_size,
                   PageSize(request.has_page_size(), request.page_size(), limits_.page_size));
  ASSIGN_OR_RETURN(std::vector<retrieval::CollectionSummary> collections, searcher->Collections());
  std::erase_if(collections, [&](const auto& collection) { return !call.MaySee(collection.name); });
  std::sort(collections.begin(), collections.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto first = std::upper_bound(
      collections.begin(), collections.end(), request.page_token(),
      [](const std::string& token, const auto& collection) { return token < collection.name; });
  for (auto it = first; it != collections.end(); ++it) {
    if (response.collections_size() == static_cast<int>(page_size)) {
      response.set_next_page_token(std::prev(it)->name);
      break;
    }
    convert::ToProto(*it, *response.add_collections());
  }
  return absl::OkStatus();
}

absl::Status IndexApi::GetCollection(const v1::GetCollectionRequest& request, Call& call,
                                     v1::Collection& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(CheckCollection(request.collection()));
  ASSIGN_OR_RETURN(const retrieval::CollectionSummary summary,
                   searcher->Describe(request.collection()));
  convert::ToProto(summary, response);
  return absl::OkStatus();
}

absl::Status IndexApi::Pin(const v1::PinRequest& request, Call& call, v1::SnapshotLease& response) {
  RETURN_IF_ERROR(call.Use(request.collection()));
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  RETURN_IF_ERROR(CheckCollection(request.collection()));
  absl::Duration lease = absl::ZeroDuration();  // the searcher's default
  if (request.has_lease()) {
    const FieldPath path;
    const FieldPath lease_path = path.Field("lease");
    ASSIGN_OR_RETURN(lease, convert::FromProto(request.lease(), lease_path));
    if (lease <= absl::ZeroDuration()) return lease_path.Invalid("expected a duration above 0");
  }
  ASSIGN_OR_RETURN(const retrieval::PinnedSnapshot pinned,
                   searcher->Pin(request.collection(), lease));
  convert::ToProto(pinned, response);
  return absl::OkStatus();
}

absl::Status IndexApi::Release(const v1::ReleaseRequest& request, Call&, v1::ReleaseResponse&) {
  ASSIGN_OR_RETURN(const auto searcher, slot_.Searcher());
  RETURN_IF_ERROR(convert::CheckNoUnknownFields(request));
  if (request.snapshot().empty()) return FieldPath().Field("snapshot").Invalid("must be given");
  return searcher->Release(request.snapshot());
}

}  // namespace foraker::server
