#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace energy::http {

class LateAnswer;

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
inline constexpr size_t kMethodCount = 8;

/// "GET"; "OTHER" for kOther.
std::string_view MethodName(Method method);
/// Case-sensitive as RFC 9110 §9.1 has it; kOther when unknown.
Method MethodFrom(std::string_view name);

/// Names and values in the order of the message; a name may repeat.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request that has arrived whole. Handlers may change it: it is theirs.
struct Request {
  Method method = Method::kOther;
  std::string target;  ///< as sent, such as "/a%20b?x=1"
  std::string path;    ///< percent-decoded, without the query, valid UTF-8 without NUL
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
  Headers headers;
  std::string body;
  std::string remote_address;  ///< of the client, without the port (TrustedProxies)
  bool secure = false;         ///< the client speaks TLS, to this server or to a trusted proxy
  std::string id;              ///< X-Request-Id: the client's if it is sane, else a new UUID
  std::string route;  ///< the pattern that matched, such as "/api/devices/{id}"; may be empty
  std::map<std::string, std::string, std::less<>> params;  ///< from the pattern, decoded
  std::string user;  ///< whom the handlers found it to be of, for the access log
  std::any context;  ///< what a middleware tells the handler, such as the user

  /// Value of the first header of that name, compared without case; empty if absent.
  std::string_view Header(std::string_view name) const;
  /// First query parameter of that name.
  std::optional<std::string_view> Query(std::string_view name) const;
  /// Parameter of the route; empty if the pattern has none of that name.
  std::string_view Param(std::string_view name) const;
  /// Value of the first cookie of that name, without enclosing quotes; empty if absent.
  std::string_view Cookie(std::string_view name) const;
};

/// Makes the next piece of a body that is too large to be held: sets `piece`, which is empty before
/// the call and may stay so, and answers true while there is more. Returns after a bounded time and
/// with a bounded piece (0.1 s and 1 MiB, say): it is called again when the client has taken the
/// last one, and not again when the client has left. An error, an exception too, cuts the
/// connection, so that no client takes what it got for the whole.
///
/// Threads: on the worker pool, one call at a time; destroyed on any thread.
using BodySource = std::function<base::Result<bool>(std::string& piece)>;

/// An answer. The server adds Date, Content-Length, Connection and X-Request-Id; those set here
/// under the first three names are ignored, except "Connection: close", which ends the connection.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body;  ///< used instead of `body` when set
  /// When set, the answer is not this one but what completes it later; the headers set here are
  /// kept unless that has its own. No thread waits meanwhile.
  std::shared_ptr<LateAnswer> later;
  /// What follows `body`, sent piece by piece in the chunked coding (to HTTP/1.0, until the close).
  BodySource more;

  /// Replaces all headers of that name. False, and nothing changes, when the name is no token or
  /// the value has a control character (CR and LF would forge headers).
  bool SetHeader(std::string_view name, std::string_view value);
  /// Like SetHeader but keeps earlier ones, for Set-Cookie.
  bool AddHeader(std::string_view name, std::string_view value);
  /// Value of the first header of that name; empty if absent.
  std::string_view Header(std::string_view name) const;
  /// `shared_body` if set, else `body`.
  const std::string& Body() const { return shared_body ? *shared_body : body; }
};

/// Compares ASCII text without case.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

/// True if a header of this name and value can be sent without changing the message around it.
bool IsSafeHeader(std::string_view name, std::string_view value);

/// Decodes %XX, and '+' to a blank if `plus_is_blank`. Errors: kInvalidArgument for a bad escape, a
/// NUL, or bytes that are not UTF-8.
base::Result<std::string> PercentDecode(std::string_view text, bool plus_is_blank);

/// The path of a target as sent: without scheme, authority (absolute-form, RFC 9112 §3.2.2), query.
std::string_view RawPath(std::string_view target);

/// Sets target, path and query. Errors: kInvalidArgument when the target is malformed.
base::Status SetTarget(std::string_view target, Request& request);

/// "Not Found" for 404; "Unknown" for a status without a registered phrase.
std::string_view ReasonPhrase(int status);

}  // namespace energy::http
