#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/json.h"
#include "http/client.h"

namespace energy::integration {

/// An answer of the API, its body parsed.
struct Answer {
  int status = 0;
  base::Json body;  ///< null when it is no JSON
  http::Response response;

  const base::Json& data() const { return body.at("data"); }
  const base::Json& error() const { return body.at("error"); }
};

/// What a device needs to publish.
struct Credential {
  std::string device_id;
  std::string username;
  std::string password;
  std::string topic;
};

/// The REST API of a platform, as one user sees it. Throws std::runtime_error when the server
/// cannot be reached, and where said. Threads: one.
class ApiClient {
 public:
  explicit ApiClient(uint16_t port);

  /// Logs in; later calls carry the token. Throws unless the answer is 200.
  void Login(const std::string& email, const std::string& password);
  /// As the first admin, whose credentials are in the data folder.
  void LoginAsAdmin(const std::filesystem::path& data_dir);
  const std::string& token() const { return token_; }
  void set_token(std::string token) { token_ = std::move(token); }

  Answer Call(http::Method method, const std::string& target, const std::string& body = {},
              http::Headers headers = {});
  Answer Get(const std::string& target) { return Call(http::Method::kGet, target); }
  Answer Delete(const std::string& target) { return Call(http::Method::kDelete, target); }
  Answer Post(const std::string& target, const base::Json& body);
  Answer Put(const std::string& target, const base::Json& body);
  Answer Patch(const std::string& target, const base::Json& body);

  /// The `data` of a GET. Throws with the answer unless it is 200.
  base::Json GetData(const std::string& target);
  /// The `data` of a POST. Throws with the answer unless it is 200 or 201.
  base::Json PostData(const std::string& target, const base::Json& body);

  /// Registers a device and issues its MQTT credential.
  Credential MakeDevice(const std::string& id, const std::string& type = "bulb");
  Credential IssueCredential(const std::string& id);

 private:
  http::Client client_;
  std::string token_;
};

/// Encodes what a query cannot carry as it is, such as the '+' of an offset.
std::string QueryText(std::string_view text);

}  // namespace energy::integration
