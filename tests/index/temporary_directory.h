// A fresh directory for one test, removed with everything in it.

#ifndef FORAKER_TESTS_INDEX_TEMPORARY_DIRECTORY_H_
#define FORAKER_TESTS_INDEX_TEMPORARY_DIRECTORY_H_

#include <string>
#include <string_view>

namespace foraker::index {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file without syncing it; returns its path.
  std::string Write(const std::string& name, std::string_view contents) const;

 private:
  std::string path_;
};

}  // namespace foraker::index

#endif  // FORAKER_TESTS_INDEX_TEMPORARY_DIRECTORY_H_
