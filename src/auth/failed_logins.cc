#include "auth/failed_logins.h"

#include <pthread.h>

#include <algorithm>

#include "audit/audit.h"
#include "base/address.h"
#include "base/json_values.h"

namespace energy::auth {
namespace {

constexpr std::chrono::minutes kWriteEvery{1};
// In place of account and address, for all that were too many to tell apart.
constexpr const char* kSeveral = "several";

}  // namespace

void FailedLogins::Tally::Add(const Tally& other) {
  const bool is_new = wrong_passwords + wrong_codes + refused_answers + locked == 0;
  wrong_passwords += other.wrong_passwords;
  wrong_codes += other.wrong_codes;
  refused_answers += other.refused_answers;
  locked += other.locked;
  first = is_new ? other.first : std::min(first, other.first);
  last = is_new ? other.last : std::max(last, other.last);
}

base::Status FailedLogins::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    pthread_setname_np(pthread_self(), "failed-logins");
    std::mutex mutex;
    std::condition_variable_any wake;
    do {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, kWriteEvery, [] { return false; });
      if (const base::Status status = Flush(); !status.ok()) {
        logger_->error("failed logins are not in the audit log yet: {}", status.ToString());
      }
    } while (!stop.stop_requested());
  });
  return {};
}

void FailedLogins::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void FailedLogins::Add(std::string_view user_id, std::string_view address, Why why) {
  const base::Timestamp now = clock_.Now();
  const Tally tally{.wrong_passwords = why == Why::kPassword,
                    .wrong_codes = why == Why::kCode,
                    .refused_answers = why == Why::kProvider,
                    .locked = why == Why::kLocked,
                    .first = now,
                    .last = now};
  const std::lock_guard lock(mutex_);
  AddLocked({std::string(user_id), base::AddressGroup(address)}, tally);
}

void FailedLogins::AddLocked(const Subject& subject, const Tally& tally) {
  const bool fits = tallies_.size() < kMaxSubjects || tallies_.contains(subject);
  tallies_[fits ? subject : Subject(kSeveral, kSeveral)].Add(tally);
}

base::Status FailedLogins::Flush() {
  const std::lock_guard one_at_a_time(flushing_);
  Tallies present;
  {
    const std::lock_guard lock(mutex_);
    present.swap(tallies_);
  }
  if (present.empty()) return {};
  base::Status status = database_.Transaction([&](sql::Connection& connection) -> base::Status {
    for (const auto& [subject, tally] : present) {
      ENERGY_RETURN_IF_ERROR(Record(connection, subject, tally));
    }
    return {};
  });
  if (status.ok()) return status;
  const std::lock_guard lock(mutex_);
  for (const auto& [subject, tally] : present) AddLocked(subject, tally);
  return status;
}

base::Status FailedLogins::Record(sql::Connection& connection, const Subject& subject,
                                  const Tally& tally) {
  const audit::Acting acting({"", "anonymous", subject.second, ""});
  base::Json what{{"first", base::TimeToJson(tally.first)},
                  {"last", base::TimeToJson(tally.last)},
                  {"wrong", tally.wrong_passwords},
                  {"wrong_second_factor", tally.wrong_codes},
                  {"refused_single_sign_on", tally.refused_answers},
                  {"while_locked", tally.locked}};
  const std::string who = subject.first.empty() ? "unknown" : subject.first;
  return audit::Record(connection, clock_, {"auth.login_failed", "user", who, nullptr, what});
}

}  // namespace energy::auth
