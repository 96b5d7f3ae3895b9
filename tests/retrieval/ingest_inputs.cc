#include "tests/retrieval/ingest_inputs.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/directory.h"
#include "base/file.h"
#include "index/store/record_codec.h"

namespace foraker::retrieval {
namespace {

constexpr std::string_view kCollection = "c";

}  // namespace

std::string IngestDirectory::Path(std::string_view name) const {
  return directory_.File(std::string(name));
}

std::string IngestDirectory::Write(std::string_view name, std::string_view contents) const {
  return directory_.Write(std::string(name), contents);
}

std::string IngestDirectory::WriteGzip(std::string_view name, std::string_view contents) const {
  const std::string path = Path(name);
  const gzFile file = gzopen(path.c_str(), "wb1");
  EXPECT_NE(file, nullptr) << path;
  EXPECT_EQ(gzwrite(file, contents.data(), static_cast<unsigned>(contents.size())),
            static_cast<int>(contents.size()));
  EXPECT_EQ(gzclose(file), Z_OK);
  return path;
}

std::string RandomLines(uint64_t seed, const LineShape& shape) {
  std::mt19937_64 random(seed);
  std::string lines;
  for (size_t i = 0; i < shape.lines; ++i) {
    const uint64_t id =
        shape.distinct_ids >= shape.lines ? i : random() % std::max<size_t>(shape.distinct_ids, 1);
    std::string text;
    for (size_t word = 0; word < shape.words; ++word) {
      // Squaring makes low numbers common, as words are.
      const uint64_t rank = random() % 300;
      absl::StrAppend(&text, "w", rank * rank / 3, word % 12 == 11 ? ". " : " ");
    }
    absl::StrAppendFormat(
        &lines, R"({"_id": "d%d", "title": "Title %d", "text": "%s", "year": %d, "tags": ["t%d"]})",
        id, random() % 1000, text, 1900 + random() % 100, random() % 9);
    lines += '\n';
  }
  return lines;
}

std::unique_ptr<index::Catalog> OpenToWrite(const std::string& dir) {
  auto catalog = index::Catalog::Open(dir, index::OpenMode::kWrite);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return catalog.ok() ? *std::move(catalog) : nullptr;
}

BatchBuildOptions BuildOf(const std::vector<std::string>& inputs) {
  BatchBuildOptions options;
  options.collection = std::string(kCollection);
  options.inputs = inputs;
  options.threads = 2;
  options.memory_bytes = uint64_t{16} << 20;
  return options;
}

absl::StatusOr<BatchBuildResult> Build(const std::string& dir, const BatchBuildOptions& options) {
  const auto catalog = OpenToWrite(dir);
  if (catalog == nullptr) return absl::InternalError("no catalog");
  return RunBatchBuild(*catalog, options);
}

std::map<std::string, std::string> Published(const std::string& dir) {
  std::map<std::string, std::string> files;
  const auto catalog = index::Catalog::Open(dir, index::OpenMode::kRead);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  if (!catalog.ok()) return files;
  const auto info = (*catalog)->Get(kCollection);
  EXPECT_TRUE(info.ok()) << info.status();
  if (!info.ok()) return files;
  files[""] = index::EncodeRecord(info->record);
  const std::string folder = (*catalog)->CollectionDir(kCollection);
  const auto names = base::ListDirectory(folder);
  EXPECT_TRUE(names.ok()) << names.status();
  for (const std::string& name : *names) {
    if (name == "build") continue;
    files[name] = base::ReadFile(absl::StrCat(folder, "/", name), uint64_t{1} << 30).value_or("");
  }
  return files;
}

}  // namespace foraker::retrieval
