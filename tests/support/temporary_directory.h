// A fresh directory for one test, removed with everything in it. ctest runs each test as a process
// of its own, beside others, so nothing with a fixed name may lie in a folder that they share.

#ifndef FORAKER_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
#define FORAKER_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_

#include <string>
#include <string_view>

namespace foraker {

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

}  // namespace foraker

#endif  // FORAKER_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
