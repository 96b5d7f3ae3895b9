#include "services/auth/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "services/auth/file_state.h"

namespace foraker::auth {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

// What OpenSSL's last error was about.
absl::Status TlsError(const std::string& setting, const std::string& file) {
  std::array<char, 256> text = {};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: cannot use %s: %s", setting, file, text.data()));
}

absl::StatusOr<Context> Read(const TlsFiles& files) {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return absl::InternalError("OpenSSL gave no context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.cert.c_str()) != 1) {
    return TlsError("server.tls_cert", files.cert);
  }
  // A key that belongs to another certificate is an error here, too.
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return TlsError("server.tls_key", files.key);
  }
  if (!files.mutual()) return context;
  if (SSL_CTX_load_verify_locations(context.get(), files.client_ca.c_str(), nullptr) != 1) {
    return TlsError("server.tls_client_ca", files.client_ca);
  }
  SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(files.client_ca.c_str()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

class RealTlsContext final : public TlsContext {
 public:
  explicit RealTlsContext(TlsFiles files) : files_(std::move(files)) {}

  const TlsFiles& files() const override { return files_; }

  absl::StatusOr<bool> Reload() override {
    const States states = {FileState::Of(files_.cert), FileState::Of(files_.key),
                           FileState::Of(files_.client_ca)};
    {
      absl::MutexLock lock(&mutex_);
      if (states == states_) return false;
      states_ = states;
    }
    ASSIGN_OR_RETURN(Context fresh, Read(files_));
    absl::MutexLock lock(&mutex_);
    current_ = std::move(fresh);
    return true;
  }

  void Install(SSL_CTX& listener) override {
    SSL_CTX_set_min_proto_version(&listener, TLS1_2_VERSION);
    if (files_.mutual()) SSL_CTX_set_verify(&listener, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_cb(&listener, Switch, this);
  }

 private:
  using States = std::array<FileState, 3>;

  // Called in each handshake before a certificate is chosen.
  static int Switch(SSL* connection, void* self) {
    auto* tls = static_cast<RealTlsContext*>(self);
    absl::MutexLock lock(&tls->mutex_);
    return SSL_set_SSL_CTX(connection, tls->current_.get()) != nullptr ? 1 : 0;
  }

  const TlsFiles files_;
  absl::Mutex mutex_;
  States states_ ABSL_GUARDED_BY(mutex_);
  Context current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Load(TlsFiles files) {
  auto context = std::make_unique<RealTlsContext>(std::move(files));
  if (const auto loaded = context->Reload(); !loaded.ok()) return loaded.status();
  return context;
}

}  // namespace foraker::auth
