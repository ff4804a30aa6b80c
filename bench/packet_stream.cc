#include "packet_stream.h"

#include <cstdio>
#include <random>

#include "mqtt/packets.h"

namespace energy::bench {
namespace {

constexpr size_t kTails = 1024;
constexpr size_t kSecondText = 19;  // 2026-02-07T11:26:00
constexpr std::string_view kTimePattern = "0000-00-00T00:00:00.000000Z";

}  // namespace

PayloadTails::PayloadTails() {
  std::mt19937 random(1);
  const auto between = [&random](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (size_t i = 0; i < kTails; ++i) {
    char text[128];
    std::snprintf(text, sizeof text,
                  R"(","voltage":%.2f,"current":%.2f,"power":%.2f,"temperature":%.2f})",
                  between(225, 235), between(0.80, 0.90), between(180, 210), between(36, 44));
    tails_.emplace_back(text);
  }
}

PacketStream::PacketStream(std::string_view device_id, uint8_t qos, unsigned readings_per_message,
                           base::Timestamp first, const PayloadTails& tails)
    : tails_(&tails),
      qos_(qos),
      readings_per_message_(readings_per_message),
      second_(std::chrono::floor<std::chrono::seconds>(first)) {
  microsecond_ = static_cast<uint32_t>((first - second_) / std::chrono::microseconds(1));
  const std::string topic = "devices/" + std::string(device_id) + "/telemetry";
  reading_ = R"({"device_id":")" + std::string(device_id) + R"(","timestamp":")";
  time_at_ = reading_.size();
  reading_ += kTimePattern;
  payload_bytes_ = readings_per_message * (reading_.size() + tails.size_bytes());
  // An array has brackets and commas between its readings.
  if (readings_per_message > 1) payload_bytes_ += 1 + readings_per_message;
  mqtt::EncodePublishHead(topic, qos, /*retain=*/false, /*dup=*/false, /*packet_id=*/1,
                          payload_bytes_, head_);
  WriteTime();
}

void PacketStream::Append(uint16_t packet_id, std::string& out) {
  if (qos_ > 0) {
    head_[head_.size() - 2] = static_cast<char>(packet_id >> 8);
    head_[head_.size() - 1] = static_cast<char>(packet_id & 0xFF);
  }
  out.append(head_);
  const bool array = readings_per_message_ > 1;
  for (unsigned i = 0; i < readings_per_message_; ++i) {
    if (array) out += i == 0 ? '[' : ',';
    out.append(reading_);
    out.append((*tails_)[count_++]);
    StepTime();
  }
  if (array) out += ']';
}

// Counts up the six digits of the fraction in place; only a new second is written in full.
void PacketStream::StepTime() {
  if (++microsecond_ == 1'000'000) {
    microsecond_ = 0;
    second_ += std::chrono::seconds(1);
    return WriteTime();
  }
  size_t digit = time_at_ + kSecondText + 6;
  while (reading_[digit] == '9') reading_[digit--] = '0';
  ++reading_[digit];
}

void PacketStream::WriteTime() {
  const auto day = std::chrono::floor<std::chrono::days>(second_);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second_ - day);
  char text[64];
  const int size = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06uZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), microsecond_);
  reading_.replace(time_at_, kTimePattern.size(), text, static_cast<size_t>(size));
}

}  // namespace energy::bench
