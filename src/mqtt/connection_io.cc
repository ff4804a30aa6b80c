#include <algorithm>

#include "mqtt/connection.h"

// Socket, input and output of a connection.
namespace energy::mqtt {
namespace {

using boost::system::error_code;

constexpr size_t kKeptOutputBytes = 4 << 10;  // memory an idle connection keeps for output
// MQTT 3.1.1 clients know no receive maximum: they are held back, not cut off, beyond this many
// times the limit that MQTT 5 clients are told.
constexpr uint32_t kWindowFactor311 = 8;

}  // namespace

void Connection::WaitReadable() {
  if (read_waiting_ || state_ == State::kClosed) return;
  read_waiting_ = true;
  stream_.WaitReadable([self = shared_from_this()](const error_code& error) {
    self->read_waiting_ = false;
    if (self->state_ == State::kClosed) return;
    self->worker_.BeginTurn();
    self->OnReadable(error);
    self->worker_.EndTurn();
  });
}

void Connection::OnReadable(const error_code& wait_error) {
  if (wait_error) return Close();
  if (!Open()) return DiscardInput();
  if (stopping_ || window_blocked_) return;
  if (worker_.reading_paused()) {
    parked_ = true;
    return worker_.Park(shared_from_this());
  }
  const auto space = input_.Prepare(worker_.read_buffer());
  error_code error;
  const size_t count = stream_.Read(space, error);
  if (stream_.unsent()) Dirty();
  if (Stream::WouldBlock(error)) return WaitReadable();
  if (error) return OnStreamEnd();
  worker_.counts().bytes_received += count;
  account_.bytes_received += count;
  // Before CONNECT the time since accept counts, whatever trickles in.
  if (state_ == State::kConnected) last_received_ = worker_.now();
  ProcessInput(input_.Commit(count));
}

void Connection::OnStreamEnd() {
  if (const std::string_view problem = stream_.problem(); !problem.empty()) {
    NoteRefusal(problem);
    if (state_ == State::kAwaitConnect) worker_.state().metrics.invalid.Increment();
  }
  Close();
}

void Connection::ProcessInput(std::string_view data) {
  size_t expected = 0;
  const size_t used = Consume(data, expected);
  if (!Open()) {
    KeepInput({}, 0);
    return;
  }
  if (!KeepInput(data.substr(used), expected)) {
    return Disconnect(ReasonCode::kServerBusy, "too many incomplete packets at once");
  }
  if (!window_blocked_ && held_refusal_ == ReasonCode::kSuccess) WaitReadable();
}

// False when the thread keeps more incomplete packets than it may.
bool Connection::KeepInput(std::string_view rest, size_t expected) {
  input_.Keep(rest, expected);
  const size_t before = std::exchange(accounted_input_, input_.memory());
  return worker_.AccountPartial(before, accounted_input_);
}

size_t Connection::Consume(std::string_view data, size_t& expected) {
  size_t used = 0;
  while (used < data.size() && Open() && !stopping_) {
    if (held_refusal_ != ReasonCode::kSuccess) break;
    window_blocked_ = WindowFull() || OverRate();
    if (window_blocked_) break;
    const std::string_view rest = data.substr(used);
    const auto type = static_cast<uint8_t>(rest[0]) >> 4U;
    if (state_ == State::kAwaitConnect && type != static_cast<uint8_t>(PacketType::kConnect)) {
      Refuse(ProtocolError("the first packet is not CONNECT"));  // [MQTT-3.1.0-1]
      break;
    }
    Frame frame;
    size_t size = 0;
    const FrameStatus status =
        ParseFrame(rest, worker_.state().options.max_packet_bytes, frame, size);
    if (status == FrameStatus::kIncomplete) {
      expected = size;
      break;
    }
    PacketError error;
    if (status == FrameStatus::kMalformed) {
      error = Malformed("fixed header is malformed");
    } else if (status == FrameStatus::kTooLarge) {
      error = {ReasonCode::kPacketTooLarge, "packet is larger than the maximum packet size"};
    } else {
      if (trace_) TraceIn(rest.substr(0, size));
      used += size;
      error = Handle(frame);
    }
    if (error) {
      Refuse(error);
      break;
    }
  }
  return used;
}

// A client that does not read its acknowledgements is not read either: TCP holds it back.
bool Connection::WindowFull() const {
  if (write_waiting_ && out_.size() > kStageBytes) return true;
  return version_ == Version::k311 &&
         acks_.size() >= worker_.state().options.receive_maximum * kWindowFactor311;
}

// Goes on with input that WindowFull held back.
void Connection::ResumeInput() {
  if (!window_blocked_ || !Open() || stopping_) return;
  if (acks_.size() > worker_.state().options.receive_maximum || OverRate()) return;
  window_blocked_ = false;
  last_received_ = worker_.now();
  ProcessInput(input_.Kept());
}

void Connection::Dirty() {
  if (std::exchange(dirty_, true)) return;
  worker_.MarkDirty(shared_from_this());
}

void Connection::Flush() {
  dirty_ = false;
  if (state_ == State::kClosed || write_waiting_ || write_shut_) return;
  while (true) {
    if (state_ == State::kConnected) FillFromSession();
    if (trace_) TraceOut();
    if (out_.empty() && !stream_.unsent()) break;
    if (!WriteSome()) return;
  }
  if (state_ != State::kClosing) return ResumeInput();
  stream_.ShutdownSend();
  write_shut_ = true;
  WaitReadable();
}

// True when everything in out_ was written.
bool Connection::WriteSome() {
  error_code error;
  const size_t count = stream_.Write(std::string_view(out_).substr(out_begin_), error);
  if (error) {
    Close();
    return false;
  }
  worker_.counts().bytes_sent += count;
  account_.bytes_sent += count;
  traced_out_ -= std::min(traced_out_, count);
  out_begin_ += count;
  if (out_begin_ == out_.size() && !stream_.unsent()) {
    out_.clear();
    out_begin_ = 0;
    if (out_.capacity() > kKeptOutputBytes) std::string().swap(out_);
    return true;
  }
  out_.erase(0, out_begin_);
  out_begin_ = 0;
  WaitWritable();
  return false;
}

void Connection::WaitWritable() {
  write_waiting_ = true;
  write_blocked_since_ = worker_.now();
  stream_.WaitWritable([self = shared_from_this()](const error_code& error) {
    self->write_waiting_ = false;
    if (self->state_ == State::kClosed) return;
    self->worker_.BeginTurn();
    if (error) {
      self->Close();
    } else {
      self->Flush();
    }
    self->worker_.EndTurn();
  });
}

void Connection::DiscardInput() {
  error_code error;
  stream_.Read(worker_.read_buffer(), error);
  if (error && !Stream::WouldBlock(error)) return Close();
  WaitReadable();
}

}  // namespace energy::mqtt
