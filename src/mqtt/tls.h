#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>

#include "base/from_files.h"
#include "base/log.h"
#include "base/status.h"

struct ssl_ctx_st;
struct ssl_st;

namespace energy::mqtt {

struct TlsOptions {
  enum class ClientCertificates {
    kOff,       ///< not asked for
    kOptional,  ///< asked for; one that is not signed by the CA is refused, none is fine
    kRequire,
  };
  /// Which name of a client's certificate is its user name; it then needs no password.
  enum class UserName { kOff, kCommonName, kSubjectAltName };

  std::string certificate;  ///< PEM file: the server's certificate, then its intermediates
  std::string key;          ///< PEM file
  std::string client_ca;    ///< PEM file; needed unless `client_certificates` is kOff
  ClientCertificates client_certificates = ClientCertificates::kOff;
  UserName user_name = UserName::kOff;

  bool enabled() const { return !certificate.empty(); }
};

/// The server's side of TLS 1.2 and 1.3: certificate, key and CA as read at one moment. Immutable.
class TlsContext {
 public:
  /// Errors: kInvalidArgument that names the setting, the file and what is wrong with it.
  static base::Result<std::shared_ptr<const TlsContext>> Load(const TlsOptions& options);
  ~TlsContext();

  ssl_ctx_st* get() const { return context_; }
  TlsOptions::UserName user_name() const { return user_name_; }

 private:
  TlsContext(ssl_ctx_st* context, TlsOptions::UserName user_name)
      : context_(context), user_name_(user_name) {}

  ssl_ctx_st* const context_;
  const TlsOptions::UserName user_name_;
};

/// The context that new connections get.
using TlsFiles = base::FromFiles<const TlsContext>;
TlsFiles MakeTlsFiles(const TlsOptions& options, base::Logger logger);

/// TLS on one connected, non-blocking socket. The handshake happens within Read.
///
/// Memory: while nothing is in flight OpenSSL's buffers are given back (SSL_MODE_RELEASE_BUFFERS).
///
/// Threads: one I/O thread.
class Tls {
 public:
  using ErrorCode = boost::system::error_code;

  Tls(std::shared_ptr<const TlsContext> context, int socket);
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  /// As Stream::Read.
  size_t Read(std::span<char> space, ErrorCode& error);
  /// As Stream::Write, of `head` followed by `data`. What is tried again must begin with the same
  /// bytes.
  size_t Write(std::string_view head, std::string_view data, ErrorCode& error);
  /// Sends close_notify, as far as the socket takes it.
  void Shutdown();

  /// Read filled its space, so more may be waiting inside.
  bool pending() const { return pending_; }
  /// Read waits until the socket is writable, Write until it is readable.
  bool read_wants_write() const { return read_wants_write_; }
  bool write_wants_read() const { return write_wants_read_; }
  /// The user name that the client's verified certificate stands for; empty when there is none.
  std::string CertificateUser() const;
  /// What ended the connection; empty when that was nothing unusual.
  const std::string& problem() const { return problem_; }

 private:
  void Fail(int result, ErrorCode& error);

  const std::shared_ptr<const TlsContext> context_;
  ssl_st* const ssl_;
  bool pending_ = false;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
  bool failed_ = false;
  std::string problem_;
};

}  // namespace energy::mqtt
