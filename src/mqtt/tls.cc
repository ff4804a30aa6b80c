#include "mqtt/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <boost/asio/error.hpp>

#include "mqtt/tls_error.h"

namespace energy::mqtt {
namespace {

constexpr size_t kRecordBytes = 16 << 10;

int BioSocket(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

// OpenSSL's own socket BIO raises SIGPIPE.
int BioWrite(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(BioSocket(bio), data, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int BioRead(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(BioSocket(bio), data, static_cast<size_t>(size), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(count);
}

long BioControl(BIO* bio, int command, long, void*) {  // NOLINT(google-runtime-int): OpenSSL's
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* SocketMethod() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write(made, BioWrite);
    BIO_meth_set_read(made, BioRead);
    BIO_meth_set_ctrl(made, BioControl);
    return made;
  }();
  return method;
}

std::string Text(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) return {};
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  // A name with a zero byte in it is an attempt to look like another one.
  return text.find('\0') == std::string::npos ? text : std::string();
}

std::string CommonName(X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  return Text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

// The first DNS name, e-mail address or URI.
std::string SubjectAltName(X509* certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string found;
  for (int i = 0; found.empty() && i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI) {
      found = Text(name->d.ia5);
    }
  }
  GENERAL_NAMES_free(names);
  return found;
}

}  // namespace

Tls::Tls(std::shared_ptr<const TlsContext> context, int socket)
    : context_(std::move(context)), ssl_(SSL_new(context_->get())) {
  BIO* bio = BIO_new(SocketMethod());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

Tls::~Tls() { SSL_free(ssl_); }

size_t Tls::Read(std::span<char> space, ErrorCode& error) {
  pending_ = read_wants_write_ = false;
  size_t total = 0;
  while (total < space.size()) {
    ERR_clear_error();
    size_t count = 0;
    const int result = SSL_read_ex(ssl_, space.data() + total, space.size() - total, &count);
    if (result != 1) {
      // What came before the end is handled first; the end is met again by the next read.
      if (total == 0) {
        Fail(result, error);
        read_wants_write_ = SSL_want_write(ssl_) != 0;
      } else {
        pending_ = SSL_want_read(ssl_) == 0;
      }
      return total;
    }
    total += count;
  }
  pending_ = true;
  return total;
}

size_t Tls::Write(std::string_view head, std::string_view data, ErrorCode& error) {
  write_wants_read_ = false;
  size_t total = 0;
  std::array<char, kRecordBytes> joined;
  while (!head.empty() || !data.empty()) {
    std::string_view next = data;
    if (!head.empty()) {
      const size_t first = std::min(head.size(), joined.size());
      const size_t second = std::min(data.size(), joined.size() - first);
      std::memcpy(joined.data(), head.data(), first);
      if (second > 0) std::memcpy(joined.data() + first, data.data(), second);
      next = {joined.data(), first + second};
    }
    ERR_clear_error();
    size_t count = 0;
    const int result = SSL_write_ex(ssl_, next.data(), next.size(), &count);
    if (result != 1) {
      Fail(result, error);
      write_wants_read_ = SSL_want_read(ssl_) != 0;
      if (error == boost::asio::error::would_block) error.clear();
      return total;
    }
    total += count;
    const size_t from_head = std::min(count, head.size());
    head.remove_prefix(from_head);
    data.remove_prefix(count - from_head);
  }
  return total;
}

void Tls::Fail(int result, ErrorCode& error) {
  const int reason = SSL_get_error(ssl_, result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
    error = boost::asio::error::would_block;
    return;
  }
  failed_ = reason != SSL_ERROR_ZERO_RETURN;
  error = boost::asio::error::eof;
  if (reason == SSL_ERROR_SSL) problem_ = "TLS: " + TakeTlsError();
}

void Tls::Shutdown() {
  ERR_clear_error();
  if (!failed_ && SSL_is_init_finished(ssl_) != 0) SSL_shutdown(ssl_);
  ERR_clear_error();
}

std::string Tls::CertificateUser() const {
  if (context_->user_name() == TlsOptions::UserName::kOff) return {};
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return {};
  return context_->user_name() == TlsOptions::UserName::kCommonName ? CommonName(certificate)
                                                                    : SubjectAltName(certificate);
}

}  // namespace energy::mqtt
