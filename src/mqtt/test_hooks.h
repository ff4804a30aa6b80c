#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/hooks.h"

/// For this module's tests: what a broker asks of the platform.
namespace energy::mqtt::test {

class TestPrincipal final : public Principal {
 public:
  TestPrincipal(std::string name, std::string forbidden)
      : name_(std::move(name)), forbidden_(std::move(forbidden)) {}
  bool MayPublish(std::string_view topic) const override { return !topic.starts_with(forbidden_); }
  bool MaySubscribe(std::string_view filter) const override {
    return !filter.starts_with(forbidden_);
  }
  std::string_view name() const override { return name_; }

 private:
  const std::string name_;
  const std::string forbidden_;
};

/// alice has the password "secret", mallory may not connect, for "down" nobody can tell.
class TestAuthenticator final : public Authenticator {
 public:
  base::Result<std::shared_ptr<const Principal>> Authenticate(const ConnectRequest& r) override {
    if (r.username == "mallory") return base::PermissionDenied("mallory is locked");
    if (r.username == "down") return base::Unavailable("no database");
    if (!r.anonymous && !r.by_certificate && r.password != "secret")
      return base::Unauthenticated("wrong password");
    return std::shared_ptr<const Principal>(std::make_shared<TestPrincipal>(
        r.anonymous ? "anonymous" : std::string(r.username), forbidden));
  }
  std::shared_ptr<const Principal> Renew(std::string_view username, std::string_view) override {
    return std::make_shared<TestPrincipal>(std::string(username), forbidden);
  }

  std::string forbidden = "forbidden";
};

class TestHandler final : public PublishHandler {
 public:
  struct Received {
    std::string topic;
    std::string payload;
    uint8_t qos;
    bool retain, dup;
    std::string user;
  };

  Disposition OnPublish(unsigned, const Message& m, const AckToken& token) override {
    const std::lock_guard lock(mutex_);
    if (record) {
      messages_.push_back({std::string(m.topic), std::string(m.payload), m.qos, m.retain, m.dup,
                           std::string(m.principal->name())});
    }
    ++count;
    if (!m.topic.starts_with("defer")) return Disposition::kRoute;
    tokens_.push_back(token);
    return Disposition::kDeferred;
  }
  void OnReadEnd(unsigned) override { ++read_ends; }
  bool Saturated(unsigned) const override {
    saturated_answers += saturated ? 1 : 0;
    return saturated;
  }

  std::vector<Received> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<AckToken> tokens() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
  }

  std::atomic<size_t> count{0};
  std::atomic<size_t> read_ends{0};
  std::atomic<bool> saturated{false};
  mutable std::atomic<int> saturated_answers{0};  // how often a read was refused
  std::atomic<bool> record{true};

 private:
  mutable std::mutex mutex_;
  std::vector<Received> messages_;
  std::vector<AckToken> tokens_;
};

}  // namespace energy::mqtt::test
