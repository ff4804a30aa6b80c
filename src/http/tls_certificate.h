#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/log.h"
#include "base/status.h"

// Private to the module.

namespace energy::http {

/// The certificate and key that new connections get, renewed when one of the files changes.
/// Threads: one.
class TlsCertificate {
 public:
  using Context = boost::asio::ssl::context;

  /// PEM files: the certificate with its intermediates, and its key.
  TlsCertificate(std::string certificate, std::string key, base::Logger logger)
      : certificate_(std::move(certificate)), key_(std::move(key)), logger_(std::move(logger)) {}

  /// Reads the files. Errors: kInvalidArgument on `http.tls.certificate` or `http.tls.key`.
  base::Status Load();
  /// Reads the files again if they are not those read last. Bad ones are logged, the old stay.
  void Refresh();
  /// For one more connection. Shared: a connection keeps what it began with.
  const std::shared_ptr<Context>& context() const { return context_; }

 private:
  std::string Identity() const;

  const std::string certificate_;
  const std::string key_;
  base::Logger logger_;
  std::string identity_;  // of the files read last
  std::shared_ptr<Context> context_;
};

}  // namespace energy::http
