#pragma once

#include <memory>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "http/core.h"
#include "http/tls_certificate.h"

// Private to the module.

namespace energy::http {

/// Begins TLS on an accepted socket, within the time of a header, and serves HTTP on it. On the
/// loop's thread. Defined in tls_handshake.cc, which alone sees both Asio's TLS and Beast.
void ServeHttps(
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>
        socket,
    std::shared_ptr<TlsContext> context, Origin origin, Place place);

}  // namespace energy::http
