#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "cache/tls_client.h"

namespace energy::cache::test {

/// For tests: authorities and certificates made by openssl(1), in a folder that goes with this.
class Certificates {
 public:
  Certificates() {
    std::string name = (std::filesystem::temp_directory_path() / "energy-tls-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    MakeAuthority("ca");
    Make("server", "ca", "DNS:localhost,IP:127.0.0.1");
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string File(const std::string& name) const { return (folder_ / name).string(); }

  void MakeAuthority(const std::string& name) const {
    Run("openssl req -x509 " + kKey + " -days 2 -subj /CN=" + name + " -keyout " +
        File(name + ".key") + " -out " + File(name + ".crt"));
  }
  /// `alt_name`: such as "DNS:localhost,IP:127.0.0.1".
  void Make(const std::string& name, const std::string& authority,
            const std::string& alt_name) const {
    std::ofstream(File("ext")) << "subjectAltName=" << alt_name << "\n";
    Run("openssl req " + kKey + " -subj /CN=" + name + " -keyout " + File(name + ".key") +
        " -out " + File("csr"));
    Run("openssl x509 -req -in " + File("csr") + " -CA " + File(authority + ".crt") + " -CAkey " +
        File(authority + ".key") + " -CAcreateserial -days 2 -extfile " + File("ext") + " -out " +
        File(name + ".crt"));
  }
  /// A client that believes `authority` and shows the certificate `own`, when it is named.
  std::shared_ptr<const TlsClient> Client(const std::string& authority = "ca",
                                          const std::string& own = {}) const {
    TlsClientOptions options{File(authority + ".crt"), "", ""};
    if (!own.empty()) {
      options.certificate = File(own + ".crt");
      options.key = File(own + ".key");
    }
    auto client = TlsClient::Load(options);
    if (!client.ok()) throw std::runtime_error(client.status().ToString());
    return *client;
  }

 private:
  inline static const std::string kKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

  static void Run(const std::string& command) {
    if (std::system((command + " 2>/dev/null").c_str()) != 0) throw std::runtime_error(command);
  }

  std::filesystem::path folder_;
};

}  // namespace energy::cache::test
