#include "telemetry/dead_letter_replay.h"

#include <future>

namespace energy::telemetry {
namespace {

constexpr int kLettersAtOnce = 200;
constexpr std::chrono::seconds kPatience{5};

// Reads a letter as its message was read when it came.
size_t Read(const StoredDeadLetter& letter, const LanePool::Lease& lane, Refusals& refusals) {
  if (const auto device = DeviceOfTopic(letter.topic)) {
    return lane->Read(*device, letter.payload, /*device_id_required=*/false, letter.received_at,
                      refusals);
  }
  if (const auto precision = PrecisionOfTopic(letter.topic)) {
    return lane->ReadLines(letter.payload, *precision, letter.received_at, {}, refusals).accepted;
  }
  refusals.push_back(
      {1, letter.payload, {}, {RejectReason::kUnknownDevice, "the topic is none of telemetry"}});
  return 0;
}

// The letter with what is left of it.
StoredDeadLetter Rest(const StoredDeadLetter& letter, const Refusals& refusals) {
  std::vector<DeadLetter> rest;
  AppendDeadLetters(refusals, letter.topic, letter.received_at, rest);
  StoredDeadLetter kept = letter;
  kept.reason = std::string(ReasonName(rest.front().reason));
  kept.detail = rest.front().detail;
  if (rest.size() == 1) kept.payload = rest.front().payload;
  return kept;
}

base::Status AwaitRoom(LanePool& lanes) {
  auto room = std::make_shared<std::promise<base::Status>>();
  auto told = room->get_future();
  lanes.WhenReady(kPatience, [room](const base::Status& status) { room->set_value(status); });
  return told.get();
}

}  // namespace

base::Result<ReplayReport> DeadLetterReplay::One(std::string_view id) {
  ReplayReport report;
  ENERGY_ASSIGN_OR_RETURN(StoredDeadLetter letter, letters_.Get(id));
  std::vector<StoredDeadLetter> letters{std::move(letter)};
  ENERGY_RETURN_IF_ERROR(Replay(letters, report));
  return report;
}

base::Result<ReplayReport> DeadLetterReplay::Matching(const DeadLetterFilter& filter) {
  ReplayReport report;
  std::optional<StoredDeadLetter> last;
  while (report.letters < kMostLetters) {
    ENERGY_ASSIGN_OR_RETURN(std::vector<StoredDeadLetter> letters,
                            letters_.Next(filter, last, kLettersAtOnce));
    if (letters.empty()) return report;
    last = letters.back();
    ENERGY_RETURN_IF_ERROR(Replay(letters, report));
  }
  report.more = true;
  return report;
}

base::Status DeadLetterReplay::Replay(std::vector<StoredDeadLetter>& letters,
                                      ReplayReport& report) {
  ENERGY_RETURN_IF_ERROR(AwaitRoom(lanes_));
  std::vector<std::string> done;
  std::vector<StoredDeadLetter> kept;
  size_t readings = 0;
  auto durable = std::make_shared<std::promise<base::Status>>();
  {
    const auto lane = lanes_.Take();
    Refusals refusals;
    for (const StoredDeadLetter& letter : letters) {
      refusals.clear();
      readings += Read(letter, lane, refusals);
      if (refusals.empty()) {
        done.push_back(letter.id);
      } else {
        kept.push_back(Rest(letter, refusals));
      }
    }
    lane->Flush([durable](const base::Status& status) { durable->set_value(status); });
  }
  ENERGY_RETURN_IF_ERROR(durable->get_future().get());
  ENERGY_RETURN_IF_ERROR(letters_.Settle(done, kept));
  report.letters += letters.size();
  report.replayed += done.size();
  report.refused += kept.size();
  report.readings += readings;
  return {};
}

}  // namespace energy::telemetry
