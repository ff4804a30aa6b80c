#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "api/envelope.h"
#include "http/router.h"

namespace energy::api {

/// Gives `response`, one resource, its entity tag (RFC 9110 §8.8.3), and turns it into a 304 for a
/// client that has it already. The time in the envelope is no part of the tag. With a `version`
/// the tag begins with it, for If-Match. Anything but a 200 stays as it is. Cost: a hash of the
/// answer, about a nanosecond a byte.
http::Response WithEntityTag(const http::Request& request, http::Response response,
                             std::optional<int64_t> version = std::nullopt);

/// Does that to every 200 in JSON to a GET whose route ends with a parameter and that has no tag.
void UseEntityTags(http::Router& router);

/// The If-Match of a write (RFC 9110 §13.1.1): it holds while the resource has the version in one
/// of its tags. What the program itself changes, such as when a device was last seen, changes the
/// tag but no version, and so does not come between a person and his change.
class IfMatch {
 public:
  explicit IfMatch(const http::Request& request);

  /// Makes a change under its condition: sees that `present` is the version that was asked for and
  /// sets `version`, that which the change is made from, unless the client gave it.
  /// Errors: those of `present`; kConflict for a field "If-Match" where it does not hold.
  base::Status Guard(const std::function<base::Result<int64_t>()>& present,
                     std::optional<int64_t>& version);

  /// 412 for what Guard has found, or for a version that became stale after it; else what
  /// Envelope::Error says.
  http::Response Error(const base::Status& status, const Envelope& envelope) const;

 private:
  bool given_ = false;
  bool any_ = false;  // "*"
  bool guards_ = false;
  std::vector<int64_t> versions_;
};

}  // namespace energy::api
