// The version that the program and the server report: that of the project in CMakeLists.txt.

#ifndef FORAKER_SERVICES_SERVER_VERSION_H_
#define FORAKER_SERVICES_SERVER_VERSION_H_

namespace foraker::server {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace foraker::server

#endif  // FORAKER_SERVICES_SERVER_VERSION_H_
