#include "api/live_places.h"

#include "base/address.h"

namespace energy::api {
namespace {

// A connection ends whenever its holder likes: this is only when to look again.
constexpr const char* kRetrySeconds = "5";

base::Status Full(int64_t limit, const char* whose) {
  return {base::Code::kRateLimited,
          "more than " + std::to_string(limit) + " live connections of this " + whose +
              ": close one and try again",
          {{"retry_after_s", kRetrySeconds}, {"limit", std::to_string(limit)}}};
}

}  // namespace

base::Result<LivePlaces::Place> LivePlaces::Take(std::string_view user, std::string_view remote) {
  std::string who(user);
  std::string from = base::AddressGroup(remote);
  std::lock_guard lock(mutex_);
  const auto full = [](const Counts& counts, const std::string& key, int64_t limit) {
    const auto found = counts.find(key);
    return limit > 0 && found != counts.end() && found->second >= limit;
  };
  if (full(users_, who, limits_.per_user)) return Full(limits_.per_user, "user");
  if (full(addresses_, from, limits_.per_address)) return Full(limits_.per_address, "address");
  ++users_[who];
  ++addresses_[from];
  return Place(nullptr, [self = shared_from_this(), who = std::move(who),
                         from = std::move(from)](const void*) {
    std::lock_guard giving(self->mutex_);
    Give(self->users_, who);
    Give(self->addresses_, from);
  });
}

void LivePlaces::Give(Counts& counts, const std::string& key) {
  const auto found = counts.find(key);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

}  // namespace energy::api
