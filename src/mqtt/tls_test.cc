#include "mqtt/tls.h"

#include <openssl/ssl.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "mqtt/command.h"
#include "mqtt/test_support.h"

/// TLS against mosquitto's clients and a raw OpenSSL client, with certificates made here.
namespace energy::mqtt::test {
namespace {

using Clients = TlsOptions::ClientCertificates;

class TlsTest : public BrokerTest {
 protected:
  TlsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mqtt_tls_XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    MakeCa("ca");
    MakeCertificate("server", "ca", "localhost", "DNS:localhost,IP:127.0.0.1");
    options.tls_port = 0;
    options.tls.certificate = File("server.crt");
    options.tls.key = File("server.key");
  }
  ~TlsTest() override { std::filesystem::remove_all(folder); }

  std::string File(const std::string& name) const { return folder + "/" + name; }

  void MakeCa(const std::string& name) {
    Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
        name + " -keyout " + File(name + ".key") + " -out " + File(name + ".crt"));
  }
  void MakeCertificate(const std::string& name, const std::string& ca, const std::string& subject,
                       const std::string& alt_name) {
    std::ofstream(File("ext")) << "subjectAltName=" << alt_name << "\n";
    Run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + subject +
        " -keyout " + File(name + ".key") + " -out " + File("csr") + " && openssl x509 -req -in " +
        File("csr") + " -CA " + File(ca + ".crt") + " -CAkey " + File(ca + ".key") +
        " -CAcreateserial -days 2 -extfile " + File("ext") + " -out " + File(name + ".crt"));
  }
  static void Run(const std::string& command) {
    const Outcome outcome = RunCommand(command);
    ASSERT_EQ(outcome.exit_code, 0) << command << "\n" << outcome.output;
  }
  // mosquitto_pub with `flags`; 0 when the message was acknowledged.
  Outcome Publish(const std::string& flags) const {
    return RunCommand("timeout 10 mosquitto_pub -h localhost -p " +
                      std::to_string(broker->port(Transport::kTls)) + " -t a -m x -q 1 " + flags);
  }
  std::string Trust(const std::string& ca = "ca") const { return "--cafile " + File(ca + ".crt"); }
  std::string Show(const std::string& name) const {
    return " --cert " + File(name + ".crt") + " --key " + File(name + ".key") + " ";
  }

  static constexpr const char* kLogin = " -u alice -P secret ";
  std::string folder;
};

#define NEED_MOSQUITTO()                                       \
  if (RunCommand("command -v mosquitto_pub").exit_code != 0) { \
    GTEST_SKIP() << "mosquitto-clients is not installed";      \
  }

TEST_F(TlsTest, MosquittoPublishesWithEveryVersion) {
  NEED_MOSQUITTO();
  StartBroker();
  for (const char* version : {"tlsv1.2", "tlsv1.3"}) {
    const Outcome outcome = Publish(Trust() + kLogin + "--tls-version " + version);
    EXPECT_EQ(outcome.exit_code, 0) << version << outcome.output;
  }
  EXPECT_EQ(handler.messages().size(), 2U);
  EXPECT_NE(Publish(Trust() + " -u alice -P wrong").exit_code, 0);
  EXPECT_EQ(handler.messages().size(), 2U);
}

TEST_F(TlsTest, ClientCertificatesAreCheckedAgainstTheCa) {
  NEED_MOSQUITTO();
  MakeCa("other");
  MakeCertificate("good", "ca", "good", "DNS:good");
  MakeCertificate("foreign", "other", "foreign", "DNS:foreign");
  options.tls.client_ca = File("ca.crt");
  options.tls.client_certificates = Clients::kRequire;
  StartBroker();
  EXPECT_EQ(Publish(Trust() + kLogin + Show("good")).exit_code, 0);
  EXPECT_NE(Publish(Trust() + kLogin).exit_code, 0);
  EXPECT_NE(Publish(Trust() + kLogin + Show("foreign")).exit_code, 0);
  EXPECT_NE(Publish(Trust() + Show("good") + "-u alice -P wrong").exit_code, 0);
  EXPECT_EQ(handler.messages().size(), 1U);
}

TEST_F(TlsTest, OptionalCertificatesMayBeMissingButNotForeign) {
  NEED_MOSQUITTO();
  MakeCa("other");
  MakeCertificate("foreign", "other", "foreign", "DNS:foreign");
  options.tls.client_ca = File("ca.crt");
  options.tls.client_certificates = Clients::kOptional;
  StartBroker();
  EXPECT_EQ(Publish(Trust() + kLogin).exit_code, 0);
  EXPECT_NE(Publish(Trust() + kLogin + Show("foreign")).exit_code, 0);
}

TEST_F(TlsTest, ACertificateNameIsTheUserName) {
  NEED_MOSQUITTO();
  MakeCertificate("pump", "ca", "alice", "DNS:pump.plant");
  options.tls.client_ca = File("ca.crt");
  options.tls.client_certificates = Clients::kOptional;
  options.tls.user_name = TlsOptions::UserName::kSubjectAltName;
  StartBroker();
  // The authenticator here wants a password from others.
  EXPECT_EQ(Publish(Trust() + Show("pump")).exit_code, 0);
  ASSERT_EQ(handler.messages().size(), 1U);
  EXPECT_EQ(handler.messages()[0].user, "pump.plant");
  EXPECT_NE(Publish(Trust() + " -u bob -P wrong").exit_code, 0);
}

TEST_F(TlsTest, ChangedFilesAreUsed) {
  NEED_MOSQUITTO();
  StartBroker();
  ASSERT_EQ(Publish(Trust() + kLogin).exit_code, 0);
  MakeCa("new");
  MakeCertificate("server", "new", "localhost", "DNS:localhost,IP:127.0.0.1");
  EXPECT_TRUE(Eventually([&] { return Publish(Trust("new") + kLogin).exit_code == 0; }));
  EXPECT_NE(Publish(Trust() + kLogin).exit_code, 0);
}

TEST_F(TlsTest, BadFilesLeaveTheOldOnesInUse) {
  TlsFiles files = MakeTlsFiles(options.tls, base::NullLogger());
  ASSERT_TRUE(files.Load().ok());
  const auto before = files.current();
  std::ofstream(File("server.crt"), std::ios::trunc) << "nonsense\n";
  files.Refresh();
  EXPECT_EQ(files.current(), before);
  MakeCertificate("server", "ca", "localhost", "DNS:localhost");
  files.Refresh();
  EXPECT_NE(files.current(), before);
}

TEST_F(TlsTest, BadFilesStopTheStart) {
  options.tls.key = File("missing.key");
  ASSERT_TRUE(io.Start().ok());
  broker = std::make_unique<Broker>(options, io, authenticator, handler, system_clock,
                                    base::NullLogger(), metrics);
  const base::Status status = broker->Start();
  EXPECT_EQ(status.code(), base::Code::kInvalidArgument);
  ASSERT_EQ(status.fields().size(), 1U);
  EXPECT_EQ(status.fields()[0].field, "mqtt.tls.key");
  EXPECT_NE(status.fields()[0].message.find("No such file or directory"), std::string::npos)
      << status.fields()[0].message;
}

TEST_F(TlsTest, ASilentHandshakeIsClosed) {
  options.connect_timeout = std::chrono::seconds(1);
  StartBroker();
  RawClient client(broker->port(Transport::kTls));
  client.Send("\x16\x03\x01");
  EXPECT_TRUE(client.ReadEnd());
}

TEST_F(TlsTest, PlainMqttToTheTlsPortIsRefused) {
  StartBroker();
  RawClient client(broker->port(Transport::kTls));
  client.Send(ConnectPacket(Version::k311, "plain"));
  EXPECT_TRUE(client.ReadUntilEnd());
  EXPECT_TRUE(Eventually([&] { return broker->stats().protocol_errors == 1; }));
}

// A client that speaks TLS with OpenSSL over a blocking socket.
class TlsClient {
 public:
  explicit TlsClient(uint16_t port, int newest = TLS1_3_VERSION)
      : socket_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, newest);
    SSL_CTX_set_cipher_list(context_, "DEFAULT:@SECLEVEL=0");
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_.fd());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool connected() const { return connected_; }
  void Send(std::string_view bytes) {
    SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string Read(size_t count) {
    std::string bytes(count, '\0');
    size_t have = 0;
    while (have < count) {
      const int read = SSL_read(ssl_, bytes.data() + have, static_cast<int>(count - have));
      if (read <= 0) break;
      have += static_cast<size_t>(read);
    }
    bytes.resize(have);
    return bytes;
  }

 private:
  RawClient socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

TEST_F(TlsTest, OldVersionsAreRefused) {
  StartBroker();
  EXPECT_TRUE(TlsClient(broker->port(Transport::kTls), TLS1_2_VERSION).connected());
  EXPECT_FALSE(TlsClient(broker->port(Transport::kTls), TLS1_1_VERSION).connected());
}

TEST_F(TlsTest, ManyRecordsInOneReadAreAllHandled) {
  StartBroker();
  TlsClient client(broker->port(Transport::kTls));
  ASSERT_TRUE(client.connected());
  client.Send(ConnectPacket(Version::k311, "burst"));
  ASSERT_EQ(ToHex(client.Read(4)), "20 02 00 00");
  handler.record = false;
  // More than the buffer of one read, in records of 16 KiB.
  const std::string payload(60'000, 'x');
  for (uint16_t id = 1; id <= 20; ++id) {
    client.Send(PublishPacket(Version::k311, "a", payload, 1, id));
  }
  EXPECT_EQ(client.Read(80).size(), 80U);
  EXPECT_EQ(handler.count, 20U);
}

TEST_F(TlsTest, WebSocketWithTls) {
  options.web_socket = true;
  options.web_socket_port = options.web_socket_tls_port = 0;
  StartBroker();
  TlsClient client(broker->port(Transport::kWebSocketTls));
  ASSERT_TRUE(client.connected());
  client.Send(
      "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\n\r\n");
  ASSERT_TRUE(client.Read(13).starts_with("HTTP/1.1 101 "));
  while (client.Read(1) != "\n" || client.Read(1) != "\r") {
  }
  client.Read(1);
  std::string connect = ConnectPacket(Version::k311, "wss");
  // A mask of zeros leaves the payload as it is.
  client.Send(Hex("82") + static_cast<char>(0x80U | connect.size()) + Hex("00 00 00 00") + connect);
  EXPECT_EQ(ToHex(client.Read(6)), "82 04 20 02 00 00");
}

}  // namespace
}  // namespace energy::mqtt::test
