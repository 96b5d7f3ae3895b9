#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "base/directory.h"

namespace foraker {

TemporaryDirectory::TemporaryDirectory() : path_(::testing::TempDir() + "/foraker-XXXXXX") {
  EXPECT_NE(mkdtemp(path_.data()), nullptr) << path_;
}

TemporaryDirectory::~TemporaryDirectory() { EXPECT_TRUE(base::RemoveTree(path_).ok()) << path_; }

std::string TemporaryDirectory::Write(const std::string& name, std::string_view contents) const {
  const std::string path = File(name);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  EXPECT_TRUE(out.flush().good()) << path;
  return path;
}

}  // namespace foraker
