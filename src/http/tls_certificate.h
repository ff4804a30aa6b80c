#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/from_files.h"
#include "base/status.h"

// Private to the module.

namespace energy::http {

using TlsContext = boost::asio::ssl::context;

/// What new connections get, renewed when one of its files changes.
using TlsCertificate = base::FromFiles<TlsContext>;

/// Reads PEM files: the certificate with its intermediates, and its key.
/// Errors: kInvalidArgument on `http.tls.certificate` or `http.tls.key`.
base::Result<std::shared_ptr<TlsContext>> LoadTlsContext(const std::string& certificate,
                                                         const std::string& key);

}  // namespace energy::http
