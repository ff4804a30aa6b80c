#include "secure_crowd.h"

#include <openssl/ssl.h>

#include <array>
#include <memory>

#include "child_process.h"

namespace energy::bench {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

base::Status Introduce(SSL_CTX* context, const Socket& socket, unsigned number) {
  const Session tls(SSL_new(context), SSL_free);
  SSL_set_fd(tls.get(), socket.fd());
  if (SSL_connect(tls.get()) != 1) return base::Unavailable("a TLS handshake failed");
  const std::string hello = ConnectPacket("secure-" + std::to_string(number));
  if (SSL_write(tls.get(), hello.data(), static_cast<int>(hello.size())) <= 0) {
    return base::Unavailable("CONNECT cannot be sent through TLS");
  }
  std::array<char, 4> answer{};
  if (SSL_read(tls.get(), answer.data(), answer.size()) != 4 || answer[3] != 0) {
    return base::Unavailable("the server refused a connection through TLS");
  }
  return {};
}

}  // namespace

base::Result<TlsFilePair> MakeTlsFiles(const std::filesystem::path& folder) {
  const TlsFilePair files{(folder / "certificate.pem").string(), (folder / "key.pem").string()};
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess openssl,
      ChildProcess::Start({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                           "/CN=localhost", "-keyout", files.key, "-out", files.certificate},
                          folder / "openssl.log"));
  ENERGY_RETURN_IF_ERROR(openssl.Finish(std::chrono::seconds(20)).status());
  return files;
}

base::Result<double> SecureCrowd::Connect(uint16_t port, unsigned count) {
  const Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const uint64_t start = NowNs();
  for (unsigned i = 0; i < count; ++i) {
    ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(port));
    ENERGY_RETURN_IF_ERROR(Introduce(context.get(), socket, i));
    sockets_.push_back(std::move(socket));
  }
  return static_cast<double>(NowNs() - start) / 1e9;
}

}  // namespace energy::bench
