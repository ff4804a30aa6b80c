#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "http/message.h"

namespace energy::api {

/// The status code of decision 2 for a code of the inside.
int HttpStatusOf(base::Code code);

/// Makes the answers of the REST API: the envelope of LLD Appendix B (decision 1), and from the
/// codes of the inside the status codes of decision 2. The only place that knows both.
///
/// Threads: safe anywhere.
class Envelope {
 public:
  explicit Envelope(const base::Clock& clock) : clock_(clock) {}

  http::Response Ok(const base::Json& data, int status = 200) const;
  /// `data` is JSON text already, such as a large list of readings.
  http::Response OkText(std::string_view data, int status = 200) const;
  /// What stands before and after `data` of a success, for answers in pieces.
  static std::string_view Opening();
  std::string Closing() const;
  const base::Clock& clock() const { return clock_; }
  http::Response Error(const base::Status& status) const;
  /// For errors of the protocol layer, which have a status and no code of ours.
  http::Response Error(int status, std::string_view message) const;

  /// `result`'s value through `to_json`, or its error.
  template <class T, class F>
  http::Response From(const base::Result<T>& result, F to_json, int status = 200) const {
    return result.ok() ? Ok(to_json(*result), status) : Error(result.status());
  }

 private:
  void AppendClosing(std::string& body, std::string_view error) const;
  http::Response Make(int status, std::string_view data, std::string_view error) const;

  const base::Clock& clock_;
};

}  // namespace energy::api
