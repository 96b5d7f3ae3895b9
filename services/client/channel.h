// The connection of a client to a server: address, TLS, key. Every client of foraker's own goes
// through it.
//
// Thread-safe. The key is added to every call of the channel. Without tls_ca, tls_cert and tls_key
// the connection is in plain text. Errors: kInvalidArgument for the address, or for a key that
// could not stand in a header; kNotFound for a file; kUnavailable when nobody answers.

#ifndef FORAKER_SERVICES_CLIENT_CHANNEL_H_
#define FORAKER_SERVICES_CLIENT_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace foraker::client {

struct ServerOptions {
  std::string address;  // "HOST:PORT"
  std::string api_key;  // token; empty: none
  std::string tls_ca;   // file of the certificates that may have signed the server's (PEM)
  std::string tls_cert, tls_key;  // files of the client's own, for mutual TLS (PEM)
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration call_timeout = absl::Minutes(1);  // of calls without a deadline of their own
};

// Connects before it returns, so that a wrong address is an error here. Channels with different
// `connection` numbers never share a connection; those with the same one may.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const ServerOptions& options,
                                                           int connection = 0);

// What to say when calls find nobody at the address.
absl::Status CannotReach(const std::string& address);

}  // namespace foraker::client

#endif  // FORAKER_SERVICES_CLIENT_CHANNEL_H_
