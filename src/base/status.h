#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace energy::base {

/// What went wrong, coarse enough that a caller can act on it. `api/` alone maps these to HTTP.
enum class Code {
  kOk,
  kInvalidArgument,   ///< the input is wrong and stays wrong: name the field
  kUnauthenticated,   ///< nobody, or nobody we know
  kPermissionDenied,  ///< somebody we know, who may not
  kNotFound,
  kConflict,     ///< exists already, or a stale version
  kTooLarge,     ///< over a limit on size
  kRateLimited,  ///< over a limit on rate
  kUnavailable,  ///< right now; the same call may succeed later
  kInternal,     ///< our fault
};

std::string_view CodeName(Code code);

/// One bad field of an input and what to do about it.
struct FieldError {
  std::string field;
  std::string message;

  bool operator==(const FieldError&) const = default;
};

/// Outcome of an operation that returns nothing else.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message, std::vector<FieldError> fields = {})
      : code_(code), message_(std::move(message)), fields_(std::move(fields)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::vector<FieldError>& fields() const { return fields_; }
  /// "not_found: no device 'D9'", for logs.
  std::string ToString() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
  std::vector<FieldError> fields_;
};

Status InvalidArgument(std::string message, std::vector<FieldError> fields = {});
Status InvalidField(std::string field, std::string message);
Status Unauthenticated(std::string message);
Status PermissionDenied(std::string message);
Status NotFound(std::string message);
Status Conflict(std::string message, std::vector<FieldError> fields = {});
Status TooLarge(std::string message);
Status RateLimited(std::string message);
Status Unavailable(std::string message);
Status Internal(std::string message);

/// A value, or the Status that says why there is none. Reading the value of a failed Result aborts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  const Status& status() const {
    static const Status kOkStatus;
    return ok() ? kOkStatus : std::get<1>(state_);
  }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace energy::base

#define ENERGY_CONCAT_INNER(a, b) a##b
#define ENERGY_CONCAT(a, b) ENERGY_CONCAT_INNER(a, b)

/// Returns the Status of `expression` from the enclosing function when it is not ok.
#define ENERGY_RETURN_IF_ERROR(expression) \
  ENERGY_RETURN_IF_ERROR_INNER(ENERGY_CONCAT(energy_status_, __COUNTER__), expression)
#define ENERGY_RETURN_IF_ERROR_INNER(status, expression)                           \
  do {                                                                             \
    if (::energy::base::Status status = (expression); !status.ok()) return status; \
  } while (false)

/// Declares `target` with the value of the Result `expression`, or returns its Status.
#define ENERGY_ASSIGN_OR_RETURN(target, expression) \
  ENERGY_ASSIGN_OR_RETURN_INNER(ENERGY_CONCAT(energy_result_, __COUNTER__), target, expression)
#define ENERGY_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                     \
  if (!result.ok()) return result.status();                       \
  target = std::move(result).value()
