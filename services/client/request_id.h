// Ids that make a write harmless to send again.

#ifndef FORAKER_SERVICES_CLIENT_REQUEST_ID_H_
#define FORAKER_SERVICES_CLIENT_REQUEST_ID_H_

#include <string>

namespace foraker::client {

// 128 random bits as hexadecimal digits: no two are the same. Thread-safe.
std::string NewRequestId();

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_REQUEST_ID_H_
