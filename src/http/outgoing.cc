#include "http/outgoing.h"

#include "base/text.h"
#include "http/curl_transfer.h"

namespace energy::http {
namespace {

constexpr size_t kMaxHeaderBytes = 64 << 10;

base::Result<CurlList> HeadersOf(const OutgoingRequest& request) {
  CurlList list;
  bool typed = false;
  for (const auto& [name, value] : request.headers) {
    if (!IsSafeHeader(name, value)) {
      return base::InvalidArgument("the header " + name + " cannot be sent");
    }
    typed = typed || EqualsIgnoreCase(name, "Content-Type");
    // With a semicolon libcurl sends a header without a value.
    Append(list, value.empty() ? name + ";" : name + ": " + value);
  }
  // libcurl would call any body a form, and ask for leave to send a large one.
  if (!typed) Append(list, "Content-Type:");
  Append(list, "Expect:");
  return list;
}

/// One request from its beginning to its end.
class Exchange {
 public:
  Exchange(const OutgoingOptions& options, const OutgoingRequest& request, CurlList headers)
      : request_(request), headers_(std::move(headers)) {
    transfer_.SetCommon(request.timeout, request.connect_timeout, options.ca_file);
    Prepare();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  base::Result<Response> Run(CurlTransfers& transfers) {
    ENERGY_ASSIGN_OR_RETURN(const CURLcode code, transfers.Run(transfer_));
    if (code != CURLE_OK) return Failure(code);
    response_.status = static_cast<int>(transfer_.ResponseCode());
    return std::move(response_);
  }

 private:
  void Prepare() {
    transfer_.Set(CURLOPT_URL, request_.url.c_str());
    transfer_.Set(CURLOPT_PROTOCOLS_STR, "http,https");
    transfer_.Set(CURLOPT_FOLLOWLOCATION, 0L);
    transfer_.Set(CURLOPT_USERAGENT, "energy-platform");
    transfer_.Set(CURLOPT_HTTPHEADER, headers_.get());
    transfer_.Set(CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
    transfer_.Set(CURLOPT_WRITEDATA, this);
    transfer_.Set(CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
    transfer_.Set(CURLOPT_HEADERDATA, this);

    const bool has_body = !request_.body.empty() || request_.method == Method::kPost ||
                          request_.method == Method::kPut || request_.method == Method::kPatch;
    if (has_body) {
      transfer_.Set(CURLOPT_POST, 1L);
      transfer_.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      transfer_.Set(CURLOPT_POSTFIELDS, request_.body.data());
    }
    if (request_.method == Method::kHead) {
      transfer_.Set(CURLOPT_NOBODY, 1L);
    } else {
      transfer_.Set(CURLOPT_CUSTOMREQUEST, std::string(MethodName(request_.method)).c_str());
    }
  }

  base::Status Failure(CURLcode code) const {
    if (too_large_) return base::TooLarge("the answer of " + request_.url + " is too large");
    const std::string why = request_.url + ": " + transfer_.ErrorText(code);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
      return base::InvalidArgument(why);
    }
    return base::Unavailable(why);
  }

  static size_t OnBody(char* data, size_t /*one*/, size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    std::string& body = exchange.response_.body;
    if (body.size() + size > exchange.request_.max_body_bytes) {
      exchange.too_large_ = true;
      return 0;  // which ends the transfer
    }
    body.append(data, size);
    return size;
  }

  static size_t OnHeader(char* data, size_t /*one*/, size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    std::string_view line(data, size);
    exchange.header_bytes_ += size;
    if (exchange.header_bytes_ > kMaxHeaderBytes) {
      exchange.too_large_ = true;
      return 0;
    }
    line = line.substr(0, line.find_last_not_of("\r\n") + 1);
    // An interim answer (100, 103) is followed by another.
    if (line.starts_with("HTTP/")) exchange.response_.headers.clear();
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
      exchange.response_.AddHeader(line.substr(0, colon), base::Trim(line.substr(colon + 1)));
    }
    return size;
  }

  const OutgoingRequest& request_;
  const CurlList headers_;
  CurlTransfer transfer_;
  Response response_;
  size_t header_bytes_ = 0;
  bool too_large_ = false;
};

}  // namespace

Outgoing::Outgoing(OutgoingOptions options)
    : options_(std::move(options)), transfers_(std::make_unique<CurlTransfers>()) {}

Outgoing::~Outgoing() = default;

base::Result<Response> Outgoing::Send(const OutgoingRequest& request) {
  ENERGY_ASSIGN_OR_RETURN(CurlList headers, HeadersOf(request));
  return Exchange(options_, request, std::move(headers)).Run(*transfers_);
}

void Outgoing::Stop() { transfers_->Stop(); }

}  // namespace energy::http
