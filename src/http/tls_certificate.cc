#include "http/tls_certificate.h"

#include <sys/stat.h>

#include <boost/system/error_code.hpp>

namespace energy::http {
namespace {

base::Status BadFile(const char* option, const std::string& file,
                     const boost::system::error_code& error) {
  return base::InvalidField(option, "'" + file + "' cannot be used: " + error.message());
}

}  // namespace

base::Status TlsCertificate::Load() {
  using boost::asio::ssl::context;
  identity_ = Identity();
  auto fresh = std::make_shared<Context>(context::tls_server);
  SSL_CTX* const native = fresh->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);  // resumption is by tickets
  boost::system::error_code error;
  fresh->use_certificate_chain_file(certificate_, error);
  if (error) return BadFile("http.tls.certificate", certificate_, error);
  fresh->use_private_key_file(key_, context::pem, error);
  if (error) return BadFile("http.tls.key", key_, error);
  context_ = std::move(fresh);
  return {};
}

void TlsCertificate::Refresh() {
  if (Identity() == identity_) return;
  const base::Status status = Load();
  if (status.ok()) {
    logger_->info("the certificate changed: new connections get the new one");
    return;
  }
  for (const base::FieldError& error : status.fields()) {
    logger_->error("the changed certificate is not used: {} {}", error.field, error.message);
  }
}

// Changes whenever one of the files is written or replaced.
std::string TlsCertificate::Identity() const {
  std::string identity;
  for (const std::string* file : {&certificate_, &key_}) {
    struct stat status {};
    if (::stat(file->c_str(), &status) != 0) status = {};
    identity += std::to_string(status.st_ino) + ',' + std::to_string(status.st_size) + ',' +
                std::to_string(status.st_mtim.tv_sec) + '.' +
                std::to_string(status.st_mtim.tv_nsec) + ';';
  }
  return identity;
}

}  // namespace energy::http
