#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/settings.h"
#include "base/log.h"
#include "base/status.h"

namespace energy::app {

struct Parts;

/// The running platform: everything the settings ask for, built in the order of its dependencies,
/// started in that order and stopped in reverse. The only place that knows all modules and roles.
///
/// Threads: one; the platform's own threads are inside.
class Platform {
 public:
  /// Opens the data folder and the stores, replays, migrates, creates the first admin. Nothing
  /// listens yet. Errors: with the remedy.
  static base::Result<std::unique_ptr<Platform>> Open(const Settings& settings,
                                                      const base::Logger& logger);
  ~Platform();

  /// Listens. Errors: a port in use and the like; nothing runs then.
  base::Status Start();
  /// Writes endpoints.json: from now on others may rely on this platform.
  base::Status Announce();
  /// Stops what was started: acknowledged work is finished first. Idempotent.
  void Stop();

  uint16_t http_port() const;
  uint16_t mqtt_port() const;
  /// "http://127.0.0.1:8080"
  std::string http_url() const;
  /// "127.0.0.1:1883"
  std::string mqtt_endpoint() const;
  /// What the first start made, to be shown once.
  struct FirstAdmin {
    std::string email;
    std::optional<std::string> generated_password;  ///< nothing: it was configured
  };
  const std::optional<FirstAdmin>& first_admin() const;

  /// For the commands of app/ that work on a running platform (the demo).
  Parts& parts() { return *parts_; }

 private:
  explicit Platform(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace energy::app
