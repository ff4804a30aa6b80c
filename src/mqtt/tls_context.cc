#include <openssl/ssl.h>

#include "mqtt/tls.h"
#include "mqtt/tls_error.h"

namespace energy::mqtt {
namespace {

base::Status BadFile(const std::string& setting, const std::string& file) {
  return base::InvalidField(setting, "'" + file + "' cannot be used: " + TakeTlsError());
}

base::Status UseFiles(SSL_CTX* context, const TlsOptions& options) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) {
    return BadFile("mqtt.tls.certificate", options.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return BadFile("mqtt.tls.key", options.key);
  }
  if (options.client_certificates == TlsOptions::ClientCertificates::kOff) return {};
  if (options.client_ca.empty()) {
    return base::InvalidField("mqtt.tls.client_ca",
                              "is needed to check client certificates: name the PEM file of the CA "
                              "or set mqtt.tls.client_certificates to off");
  }
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(options.client_ca.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, options.client_ca.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return BadFile("mqtt.tls.client_ca", options.client_ca);
  }
  SSL_CTX_set_client_CA_list(context, names);
  const bool require = options.client_certificates == TlsOptions::ClientCertificates::kRequire;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return {};
}

}  // namespace

base::Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsOptions& options) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return base::Internal("OpenSSL gives no context: " + TakeTlsError());
  std::shared_ptr<const TlsContext> owner(new TlsContext(context, options.user_name));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  // Resumption is by tickets, which cost no memory here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  constexpr std::string_view kId = "mqtt";
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kId.data()),
                                 static_cast<unsigned>(kId.size()));
  ENERGY_RETURN_IF_ERROR(UseFiles(context, options));
  return owner;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsFiles MakeTlsFiles(const TlsOptions& options, base::Logger logger) {
  return {"TLS certificate",
          {options.certificate, options.key, options.client_ca},
          [options] { return TlsContext::Load(options); },
          std::move(logger)};
}

}  // namespace energy::mqtt
