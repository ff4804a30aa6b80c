#include "cache/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace energy::cache {
namespace {

// What OpenSSL says of the last failure on this thread, which it forgets.
std::string TakeError() {
  const unsigned long code = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's
  ERR_clear_error();
  const char* reason = ERR_SYSTEM_ERROR(code) ? nullptr : ERR_reason_error_string(code);
  return reason != nullptr ? reason : "it cannot be read";
}

base::Status BadFile(const char* setting, const std::string& file) {
  return base::InvalidField(setting, "'" + file + "' cannot be used: " + TakeError());
}

base::Status UseFiles(SSL_CTX* context, const TlsClientOptions& options) {
  ERR_clear_error();
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
    return BadFile("cache.tls.ca_file", options.ca_file);
  }
  if (options.certificate.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) {
    return BadFile("cache.tls.certificate", options.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return BadFile("cache.tls.key", options.key);
  }
  return {};
}

}  // namespace

base::Result<std::shared_ptr<const TlsClient>> TlsClient::Load(const TlsClientOptions& options) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return base::Internal("OpenSSL gives no context: " + TakeError());
  std::shared_ptr<const TlsClient> client(new TlsClient(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  ENERGY_RETURN_IF_ERROR(UseFiles(context, options));
  return client;
}

TlsClient::~TlsClient() { SSL_CTX_free(context_); }

TlsSession::TlsSession(const TlsClient& client, const std::string& host)
    : ssl_(SSL_new(client.get())) {
  BIO* const in = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);  // nothing there: wait, not the end
  SSL_set_bio(ssl_, in, BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host.c_str()) == 1) return;
  SSL_set1_host(ssl_, host.c_str());
  SSL_set_tlsext_host_name(ssl_, host.c_str());
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

base::Result<bool> TlsSession::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return true;
  if (SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ) return false;
  const auto verdict = SSL_get_verify_result(ssl_);
  if (verdict == X509_V_OK) return base::Unavailable("no TLS with Redis: " + TakeError());
  ERR_clear_error();
  return base::Unavailable("the certificate of Redis is not believed: " +
                           std::string(X509_verify_cert_error_string(verdict)) +
                           " (cache.tls.ca_file names whom to believe)");
}

void TlsSession::Take(std::string_view bytes) {
  BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
}

std::string TlsSession::Outgoing() {
  BIO* const out = SSL_get_wbio(ssl_);
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

base::Status TlsSession::Encrypt(std::string_view text) {
  ERR_clear_error();
  size_t written = 0;
  if (text.empty() || SSL_write_ex(ssl_, text.data(), text.size(), &written) == 1) return {};
  return base::Unavailable("TLS with Redis broke: " + TakeError());
}

base::Status TlsSession::Decrypt(std::string& text) {
  std::array<char, 4096> buffer;
  for (;;) {
    ERR_clear_error();
    size_t count = 0;
    const int result = SSL_read_ex(ssl_, buffer.data(), buffer.size(), &count);
    if (result == 1) {
      text.append(buffer.data(), count);
      continue;
    }
    const int reason = SSL_get_error(ssl_, result);
    if (reason == SSL_ERROR_WANT_READ) return {};
    if (reason == SSL_ERROR_ZERO_RETURN) return base::Unavailable("Redis ended the connection");
    return base::Unavailable("TLS with Redis broke: " + TakeError());
  }
}

}  // namespace energy::cache
