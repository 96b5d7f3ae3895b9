// What tells that a file changed: it was replaced, or written.

#ifndef FORAKER_SERVICES_AUTH_FILE_STATE_H_
#define FORAKER_SERVICES_AUTH_FILE_STATE_H_

#include <sys/stat.h>

#include <string>

namespace foraker::auth {

struct FileState {
  ino_t inode = 0;
  off_t size = 0;
  timespec modified = {};

  // All zero when there is no such file. Follows links, as secrets mounted by Kubernetes are.
  static FileState Of(const std::string& path) {
    struct stat stat = {};
    if (::stat(path.c_str(), &stat) != 0) return {};
    return {stat.st_ino, stat.st_size, stat.st_mtim};
  }

  bool operator==(const FileState& other) const {
    return inode == other.inode && size == other.size && modified.tv_sec == other.modified.tv_sec &&
           modified.tv_nsec == other.modified.tv_nsec;
  }
};

}  // namespace foraker::auth

#endif  // FORAKER_SERVICES_AUTH_FILE_STATE_H_
