#include "tests/crash/workload.h"

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/directory.h"
#include "base/status.h"
#include "index/segment/document_reader.h"
#include "index/segment/segment_writer.h"
#include "index/store/catalog.h"

namespace foraker::crash {
namespace {

using base::ToAbsl;

uint64_t HashOf(std::string_view text) { return base::Crc32c(std::as_bytes(std::span(text))); }

index::SparseVector RandomVector(std::mt19937_64& random) {
  std::set<index::TermKey> keys;
  const size_t terms = 1 + random() % 8;
  while (keys.size() < terms) {
    keys.insert(index::NumberedTermKey(index::TermNamespace::kWordPiece, random() % 40));
  }
  index::SparseVector vector;
  for (const index::TermKey key : keys) {
    vector.keys.push_back(key);
    vector.weights.push_back(base::FloatToFloat16(static_cast<float>(1 + random() % 30) / 8));
    vector.positions.push_back(static_cast<index::Position>(random() % 100));
  }
  return vector;
}

std::string Describe(const index::Document& document) {
  std::string text = absl::StrCat(document.title, "\n", document.text, "\n");
  for (const index::Field& field : document.fields) {
    absl::StrAppend(&text, field.name, "=", std::get<int64_t>(field.values.at(0)), "\n");
  }
  for (const index::Passage& passage : document.passages) {
    absl::StrAppend(&text, passage.text_begin, "-", passage.text_end, ":");
    for (size_t i = 0; i < passage.vector.keys.size(); ++i) {
      absl::StrAppend(&text, " ", passage.vector.keys[i], "*", passage.vector.weights[i], "@",
                      passage.vector.positions.empty() ? 0 : passage.vector.positions[i]);
    }
  }
  return text;
}

// Adds a document to the group it belongs to.
absl::Status AddToState(const index::Document& document, State& state,
                        std::map<std::string, size_t>& members) {
  const std::string group = document.id.substr(0, document.id.find('/'));
  const size_t at = document.title.find(' ');
  uint64_t content = 0;
  if (at == std::string::npos || !absl::SimpleAtoi(document.title.substr(at + 1), &content) ||
      document.fields.size() != 1) {
    return absl::InternalError(absl::StrCat("document ", document.id, " is a foreign one"));
  }
  const int64_t tag = std::get<int64_t>(document.fields[0].values.at(0));
  if (Describe(document) != Describe(MakeDocument(document.id, content, tag))) {
    return absl::InternalError(
        absl::StrCat("document ", document.id, " is not what was written: ", Describe(document),
                     "\nbut\n", Describe(MakeDocument(document.id, content, tag))));
  }
  const std::vector<std::string> ids = Members(group);
  const auto member = std::find(ids.begin(), ids.end(), document.id);
  if (member == ids.end()) {
    return absl::InternalError(absl::StrCat("document ", document.id, " is none of its group"));
  }
  Group& there = state[group];
  if (members[group]++ == 0) {
    there = {content, tag, std::vector<uint64_t>(ids.size())};
  } else if (there.content != content || there.tag != tag) {
    return absl::InternalError(absl::StrCat("group ", group, " has contents ", there.content, "/",
                                            there.tag, " and ", content, "/", tag));
  }
  uint64_t& version = there.versions[static_cast<size_t>(member - ids.begin())];
  if (version != 0) return absl::InternalError(absl::StrCat(document.id, " is there twice"));
  version = document.version;
  return absl::OkStatus();
}

}  // namespace

std::string GroupName(int writer, int group) { return absl::StrCat("w", writer, "-", group); }
std::string ShardGroup(int shard) { return absl::StrCat("shard", shard); }

std::vector<std::string> Members(const std::string& group) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < 1 + HashOf(group) % 4; ++i) ids.push_back(absl::StrCat(group, "/", i));
  return ids;
}

index::Document MakeDocument(const std::string& id, uint64_t content, int64_t tag) {
  std::mt19937_64 random(content * 0x9e3779b97f4a7c15u + HashOf(id));
  index::Document document;
  document.id = id;
  document.title = absl::StrCat("content ", content);
  for (size_t words = random() % 40; words > 0; --words) {
    absl::StrAppend(&document.text, "word", random() % 1000, " ");
  }
  document.fields = {{"tag", {tag}}};
  const size_t passages = random() % 3;
  const auto length = static_cast<uint32_t>(document.text.size());
  for (uint32_t i = 0; i < passages; ++i) {
    const auto count = static_cast<uint32_t>(passages);
    document.passages.push_back(
        {RandomVector(random), {}, length * i / count, length * (i + 1) / count});
  }
  return document;
}

absl::StatusOr<State> ReadState(const index::Snapshot& snapshot) {
  State state;
  std::map<std::string, size_t> members;
  uint64_t documents = 0, passages = 0;
  for (const index::LiveSegment& live : snapshot.segments) {
    index::DocumentReader reader(*live.segment);
    for (index::DocId id = 0; id < live.segment->num_documents(); ++id) {
      if (live.deleted_documents != nullptr && live.deleted_documents->contains(id)) continue;
      ASSIGN_OR_RETURN(const index::Document document, reader.Read(id));
      RETURN_IF_ERROR(AddToState(document, state, members));
      ++documents;
      passages += document.passages.size();
    }
  }
  for (const auto& [group, count] : members) {
    if (count == Members(group).size()) continue;
    return absl::InternalError(
        absl::StrCat("group ", group, " has ", count, " documents of ", Members(group).size()));
  }
  if (documents != snapshot.live_documents || passages != snapshot.live_passages) {
    return absl::InternalError(absl::StrCat("the snapshot counts ", snapshot.live_documents,
                                            " documents of ", snapshot.live_passages,
                                            " passages, but has ", documents, " of ", passages));
  }
  return state;
}

uint64_t Fingerprint(const State& state) {
  std::string text;
  for (const auto& [name, group] : state) {
    absl::StrAppend(&text, name, " ", group.content, " ", group.tag);
    for (const uint64_t version : group.versions) absl::StrAppend(&text, " ", version);
    absl::StrAppend(&text, "\n");
  }
  return HashOf(text);
}

std::string ShardFile(const std::string& directory, int shard) {
  return absl::StrCat(directory, "/shard", shard, ".seg");
}

absl::Status WriteShards(const std::string& directory) {
  RETURN_IF_ERROR(base::CreateDirectories(directory));
  for (int shard = 0; shard < kShards; ++shard) {
    ASSIGN_OR_RETURN(const auto writer, index::SegmentWriter::Create(ShardFile(directory, shard)));
    for (const std::string& id : Members(ShardGroup(shard))) {
      index::Document document = MakeDocument(id, 1, 0);
      document.version = 1;
      RETURN_IF_ERROR(writer->Add(document));
    }
    RETURN_IF_ERROR(writer->Finish());
  }
  return absl::OkStatus();
}

index::LiveOptions BusyOptions() {
  index::LiveOptions options;
  options.flush_bytes = 48 << 10;
  options.buffer_bytes = 512 << 10;
  options.flush_interval = absl::Milliseconds(200);
  options.merge_factor = 3;
  return options;
}

index::LiveOptions QuietOptions() {
  index::LiveOptions options;
  options.flush_interval = absl::Hours(1);
  options.merge_factor = 1000;
  return options;
}

absl::Status MakeCollection(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const auto catalog, index::Catalog::Open(data_dir, index::OpenMode::kWrite));
  RETURN_IF_ERROR(base::CreateDirectories(catalog->CollectionDir(kCollection)));
  index::CollectionRecord record;
  record.name = kCollection;
  record.generation = 1;
  return catalog->Publish(record);
}

}  // namespace foraker::crash
