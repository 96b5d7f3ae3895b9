// The server's side of TLS: its certificate and key, and whose clients it takes.
//
// A TlsContext holds what the files held when they were read last; Reload reads them again if they
// changed. Thread-safe. Errors: kInvalidArgument naming the file and what OpenSSL says of it, or
// that key and certificate do not belong together; the context before stays in use.

#ifndef FORAKER_SERVICES_AUTH_TLS_H_
#define FORAKER_SERVICES_AUTH_TLS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct ssl_ctx_st;  // SSL_CTX of OpenSSL

namespace foraker::auth {

struct TlsFiles {  // PEM
  std::string cert, key;
  std::string client_ca;  // mutual TLS: clients need a certificate that one of these signed

  bool enabled() const { return !cert.empty(); }
  bool mutual() const { return !client_ca.empty(); }
};

class TlsContext {
 public:
  static absl::StatusOr<std::unique_ptr<TlsContext>> Load(TlsFiles files);
  virtual ~TlsContext() = default;

  virtual const TlsFiles& files() const = 0;

  // Makes a listener's context take, for each connection, what was read last. A client's
  // certificate is asked for and checked, but its absence is left to the listener to judge, so that
  // it can serve some pages without.
  virtual void Install(ssl_ctx_st& listener) = 0;

  // True: there is something new.
  virtual absl::StatusOr<bool> Reload() = 0;
};

}  // namespace foraker::auth

#endif  // FORAKER_SERVICES_AUTH_TLS_H_
