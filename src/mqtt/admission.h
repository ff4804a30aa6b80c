#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mqtt/connect_rates.h"

namespace energy::mqtt {

struct AdmissionOptions {
  uint32_t max_connections = 10000;
  uint32_t max_connections_per_address = 0;  ///< 0: no limit of its own
  /// Connections taken in a second, with bursts of as many; more wait in the system's queue. 0: no
  /// limit.
  uint32_t max_connects_per_second = 0;
  /// Connects of one client (user and client id) and of one address in a minute, with bursts of as
  /// many; more are refused. 0: no limit.
  uint32_t max_connects_per_minute_per_client = 0;
  uint32_t max_connects_per_minute_per_address = 0;
  /// Failed logins of an address that are answered at once; then the answer is delayed, by a second
  /// and with each further one twice as long.
  uint32_t free_login_failures = 5;
  std::chrono::seconds longest_delay{30};
  std::chrono::seconds forget_after{600};  ///< without a failure
  size_t max_addresses = 10000;            ///< the ones that were here longest ago are forgotten
  uint32_t max_turned_away = 200;          ///< connections over a limit that are told so at a time
};

/// Decides which sockets and clients the broker takes, and slows down addresses whose logins fail.
///
/// Threads: safe anywhere. Memory: an entry for each connected address, at most `max_addresses`
/// that failed, and as many and twice `max_connections` whose connects are counted.
class Admission {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Verdict : uint8_t {
    kAdmitted,
    kFull,         ///< too many connections
    kAddressFull,  ///< too many of this address
    kTooOften,     ///< this address connects too often
    kCrowded,      ///< besides, too many are being told so: just close it
  };

  explicit Admission(AdmissionOptions options)
      : options_(options),
        address_connects_(options.max_connects_per_minute_per_address, options.max_addresses),
        client_connects_(options.max_connects_per_minute_per_client,
                         size_t{2} * options.max_connections) {}

  /// How long accepting must wait so that the rate is kept; takes one connect when it is 0.
  std::chrono::milliseconds TakeConnect(TimePoint now);

  /// A socket of `address` was accepted. Unless it is kCrowded, Release must follow once it is
  /// closed.
  Verdict Admit(const std::string& address, TimePoint now);
  void Release(const std::string& address, Verdict verdict);
  size_t connections() const;

  /// A client that may log in wants to. Returns 0, or how long it should stay away.
  std::chrono::milliseconds TakeClientConnect(std::string_view user, std::string_view client_id,
                                              TimePoint now);

  /// A login of `address` failed. Returns how long its answer is to be held back.
  std::chrono::milliseconds LoginFailed(const std::string& address, TimePoint now);
  void LoginSucceeded(const std::string& address);

 private:
  struct Failures {
    uint32_t count = 0;
    TimePoint last;
    std::list<std::string>::iterator age;
  };
  void Forget(TimePoint now);

  const AdmissionOptions options_;
  ConnectRates address_connects_;
  ConnectRates client_connects_;
  mutable std::mutex mutex_;
  size_t connections_ = 0;  // the rest is guarded by mutex_
  size_t turned_away_ = 0;
  std::unordered_map<std::string, uint32_t> per_address_;
  std::unordered_map<std::string, Failures> failures_;
  std::list<std::string> by_age_;  // of the last failure, oldest first
  double tokens_ = 0;
  TimePoint refilled_{};
};

/// What may be published in a second, with bursts of as much. Whoever is over it is not read until
/// the debt is paid off; nothing is dropped.
///
/// Threads: one.
class PublishRate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// 0: no limit.
  PublishRate(uint32_t messages_per_second, uint64_t bytes_per_second, TimePoint now);

  void Take(uint64_t messages, uint64_t bytes);
  /// True while the client must not be read.
  bool Blocked(TimePoint now);

 private:
  struct Bucket {
    double rate;
    double left;
  };
  Bucket messages_;
  Bucket bytes_;
  TimePoint refilled_;
};

/// PublishRate for all clients together.
///
/// Threads: safe anywhere. Cost: an uncontended lock.
class SharedPublishRate {
 public:
  using TimePoint = PublishRate::TimePoint;

  SharedPublishRate(uint32_t messages_per_second, uint64_t bytes_per_second, TimePoint now)
      : rate_(messages_per_second, bytes_per_second, now) {}

  void Take(uint64_t messages, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    rate_.Take(messages, bytes);
  }
  bool Blocked(TimePoint now) {
    const std::lock_guard lock(mutex_);
    return rate_.Blocked(now);
  }

 private:
  std::mutex mutex_;
  PublishRate rate_;  // guarded by mutex_
};

}  // namespace energy::mqtt
