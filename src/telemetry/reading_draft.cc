#include "telemetry/reading_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/time_text.h"

namespace energy::telemetry {
namespace {

constexpr size_t kMaxOpenedFields = 4096;
constexpr std::string_view kSequenceName = "seq";

bool RefuseValue(Rejection& rejection, std::string detail) {
  rejection = {RejectReason::kValidationError, std::move(detail)};
  return false;
}

bool IsFieldName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

}  // namespace

void ReadingDraft::Begin(const IngestDevice& device, Readings& batch) {
  device_ = &device;
  batch_ = &batch;
  row_ = batch.rows.size();
  first_ = batch.values.size();
  sequence_.reset();
  seen_.reset();
  next_ = 0;
}

void ReadingDraft::Cancel() {
  batch_->fields.resize(first_);
  batch_->values.resize(first_);
  if (batch_->rows.size() == row_) return;
  batch_->rows.resize(row_);
  if (sequence_) batch_->sequences.pop_back();
}

bool ReadingDraft::AddField(std::string_view name, double value, Rejection& rejection) {
  if (device_->any_field) return AddUnchecked(name, value, rejection);
  const auto& fields = device_->fields;
  if (const FieldCheck* expected = Expected(); expected != nullptr && expected->name == name) {
    return Add(next_, value, rejection);
  }
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const FieldCheck& field) { return field.name == name; });
  if (found == fields.end()) {
    if (name == kSequenceName) return SetSequence(value, rejection);
    return RefuseValue(rejection,
                       fmt::format("{} is not a field of the profile '{}': add it to the profile "
                                   "or leave it out",
                                   name.substr(0, 64), device_->type));
  }
  return Add(static_cast<size_t>(found - fields.begin()), value, rejection);
}

bool ReadingDraft::SetSequence(double value, Rejection& rejection) {
  if (sequence_) return RefuseValue(rejection, "seq is given twice");
  // Negated, so that NaN is refused too. Doubles tell whole numbers apart up to here.
  if (!(value >= 0 && value <= 9'007'199'254'740'991.0) || value != std::floor(value)) {
    return RefuseValue(rejection, "seq must be a whole number from 0 to 9007199254740991");
  }
  sequence_ = static_cast<uint64_t>(value);
  return true;
}

bool ReadingDraft::Add(size_t at, double value, Rejection& rejection) {
  const FieldCheck& field = device_->fields[at];
  if (seen_[at]) return RefuseValue(rejection, fmt::format("{} is given twice", field.name));
  if (!(value >= field.min && value <= field.max)) {
    return RefuseValue(rejection, fmt::format("{} is {}, outside {} to {}", field.name, value,
                                              field.min, field.max));
  }
  seen_.set(at);
  next_ = at + 1;
  batch_->fields.push_back(field.ref);
  batch_->values.push_back(value);
  return true;
}

base::Result<series::FieldRef> ReadingDraft::OpenField(std::string_view name) {
  if (const auto known = opened_.find(name); known != opened_.end()) return known->second;
  ENERGY_ASSIGN_OR_RETURN(const series::FieldRef ref, store_.OpenField(name));
  if (opened_.size() < kMaxOpenedFields) opened_.emplace(name, ref);
  return ref;
}

bool ReadingDraft::AddUnchecked(std::string_view name, double value, Rejection& rejection) {
  if (name == kSequenceName) return SetSequence(value, rejection);
  if (!IsFieldName(name)) {
    return RefuseValue(rejection, "a field's name takes 1 to 64 letters, digits, '_', '-' and '.'");
  }
  if (batch_->values.size() - first_ >= kMaxFields) {
    return RefuseValue(rejection, fmt::format("more than {} fields", kMaxFields));
  }
  if (!std::isfinite(value)) return RefuseValue(rejection, fmt::format("{} is not finite", name));
  const auto ref = OpenField(name);
  if (!ref.ok()) {
    rejection = {RejectReason::kWriteError, ref.status().message()};
    return false;
  }
  const auto begin = batch_->fields.begin() + static_cast<std::ptrdiff_t>(first_);
  if (std::find(begin, batch_->fields.end(), *ref) != batch_->fields.end()) {
    return RefuseValue(rejection, fmt::format("{} is given twice", name));
  }
  batch_->fields.push_back(*ref);
  batch_->values.push_back(value);
  return true;
}

bool ReadingDraft::Finish(base::Timestamp time, const TimeLimits& limits, Rejection& rejection) {
  if (!Check(time, limits, rejection)) {
    Cancel();
    return false;
  }
  batch_->rows.push_back({time.time_since_epoch().count(), device_->ref,
                          static_cast<uint32_t>(first_),
                          static_cast<uint16_t>(batch_->values.size() - first_)});
  if (sequence_) batch_->sequences.push_back({static_cast<uint32_t>(row_), *sequence_});
  return true;
}

bool ReadingDraft::Check(base::Timestamp time, const TimeLimits& limits,
                         Rejection& rejection) const {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  if (time > limits.now + limits.max_future) {
    return RefuseValue(rejection,
                       fmt::format("timestamp is {} s in the future: check the device's clock",
                                   duration_cast<seconds>(time - limits.now).count()));
  }
  if (time.time_since_epoch().count() < limits.oldest_ns) {
    return RefuseValue(
        rejection, fmt::format("timestamp {} is older than raw readings are kept, which is since "
                               "{}: extend the retention to keep it",
                               base::FormatTimestamp(time),
                               base::FormatTimestamp(
                                   base::Timestamp(std::chrono::nanoseconds(limits.oldest_ns)))));
  }
  for (size_t i = 0; i < device_->fields.size(); ++i) {
    if (device_->fields[i].required && !seen_[i]) {
      return RefuseValue(rejection, fmt::format("{} is missing", device_->fields[i].name));
    }
  }
  if (batch_->values.size() == first_) return RefuseValue(rejection, "no field with a value");
  return true;
}

}  // namespace energy::telemetry
