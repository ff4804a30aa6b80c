#include "http/tls_certificate.h"

#include <boost/system/error_code.hpp>

namespace energy::http {
namespace {

base::Status BadFile(const char* option, const std::string& file,
                     const boost::system::error_code& error) {
  return base::InvalidField(option, "'" + file + "' cannot be used: " + error.message());
}

}  // namespace

base::Result<std::shared_ptr<TlsContext>> LoadTlsContext(const std::string& certificate,
                                                         const std::string& key) {
  auto fresh = std::make_shared<TlsContext>(TlsContext::tls_server);
  SSL_CTX* const native = fresh->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);  // resumption is by tickets
  boost::system::error_code error;
  fresh->use_certificate_chain_file(certificate, error);
  if (error) return BadFile("http.tls.certificate", certificate, error);
  fresh->use_private_key_file(key, TlsContext::pem, error);
  if (error) return BadFile("http.tls.key", key, error);
  return fresh;
}

}  // namespace energy::http
