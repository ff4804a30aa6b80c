#include "integration/api_client.h"

#include <cctype>
#include <stdexcept>

#include "integration/temporary_folder.h"
#include "integration/waiting.h"

namespace energy::integration {
namespace {

base::Json DataOf(const std::string& what, const Answer& answer) {
  if (answer.status == 200 || answer.status == 201) return answer.data();
  throw std::runtime_error(what + " answered " + std::to_string(answer.status) + ": " +
                           answer.response.Body());
}

}  // namespace

ApiClient::ApiClient(uint16_t port) : client_("127.0.0.1", port, kPatience) {}

void ApiClient::Login(const std::string& email, const std::string& password) {
  token_.clear();
  token_ = PostData("/api/auth/login", {{"email", email}, {"password", password}}).at("token");
}

void ApiClient::LoginAsAdmin(const std::filesystem::path& data_dir) {
  const base::Json admin = base::Json::parse(ReadFile(data_dir / "admin-credentials.json"));
  Login(admin.at("email"), admin.at("password"));
}

Answer ApiClient::Call(http::Method method, const std::string& target, const std::string& body,
                       http::Headers headers) {
  if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_);
  auto response = client_.Send(method, target, body, headers);
  if (!response.ok()) throw std::runtime_error(target + ": " + response.status().ToString());
  Answer answer;
  answer.status = response->status;
  answer.body = base::Json::parse(response->Body(), nullptr, /*allow_exceptions=*/false);
  if (answer.body.is_discarded()) answer.body = nullptr;
  answer.response = std::move(response).value();
  return answer;
}

Answer ApiClient::Post(const std::string& target, const base::Json& body) {
  return Call(http::Method::kPost, target, body.dump());
}

Answer ApiClient::Put(const std::string& target, const base::Json& body) {
  return Call(http::Method::kPut, target, body.dump());
}

Answer ApiClient::Patch(const std::string& target, const base::Json& body) {
  return Call(http::Method::kPatch, target, body.dump());
}

base::Json ApiClient::GetData(const std::string& target) { return DataOf(target, Get(target)); }

base::Json ApiClient::PostData(const std::string& target, const base::Json& body) {
  return DataOf(target, Post(target, body));
}

Credential ApiClient::MakeDevice(const std::string& id, const std::string& type) {
  PostData("/api/devices", {{"id", id}, {"name", "Device " + id}, {"type", type}});
  return IssueCredential(id);
}

Credential ApiClient::IssueCredential(const std::string& id) {
  const base::Json issued = PostData("/api/devices/" + id + "/credentials", base::Json::object());
  return {id, issued.at("username"), issued.at("password"), issued.at("topic")};
}

std::string QueryText(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return encoded;
}

}  // namespace energy::integration
