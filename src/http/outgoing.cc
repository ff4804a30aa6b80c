#include "http/outgoing.h"

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <memory>

#include "base/text.h"

namespace energy::http {
namespace {

constexpr size_t kMaxHeaderBytes = 64 << 10;
constexpr int kPollMs = 1000;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

void Append(HeaderList& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  (void)list.release();
  list.reset(longer);
}

base::Result<HeaderList> HeadersOf(const OutgoingRequest& request) {
  HeaderList list;
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

}  // namespace

/// One request from its beginning to its end.
class Outgoing::Exchange {
 public:
  Exchange(const OutgoingOptions& options, const OutgoingRequest& request, HeaderList headers)
      : request_(request), headers_(std::move(headers)) {
    static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
    easy_.reset(kReady == CURLE_OK ? curl_easy_init() : nullptr);
    multi_.reset(easy_ ? curl_multi_init() : nullptr);
    if (multi_) Prepare(options);
  }
  ~Exchange() {
    if (multi_) curl_multi_remove_handle(multi_.get(), easy_.get());
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  base::Result<Response> Run() {
    if (!multi_ || curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) {
      return base::Internal("libcurl cannot be used");
    }
    for (int running = 1; running > 0;) {
      if (cancelled_) return base::Unavailable("the program stops");
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK ||
          (running > 0 &&
           curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr) != CURLM_OK)) {
        return base::Internal("libcurl failed");
      }
    }
    int left = 0;
    const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left);
    const CURLcode code = message == nullptr ? CURLE_FAILED_INIT : message->data.result;
    if (code != CURLE_OK) return Failure(code);
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    return std::move(response_);
  }

  /// From another thread.
  void Cancel() {
    cancelled_ = true;
    if (multi_) curl_multi_wakeup(multi_.get());
  }

 private:
  template <class T>
  void Set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  void Prepare(const OutgoingOptions& options) {
    Set(CURLOPT_URL, request_.url.c_str());
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_NOSIGNAL, 1L);
    // A name that does not resolve must not hold the end of a request that took too long.
    Set(CURLOPT_QUICK_EXIT, 1L);
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
    Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    Set(CURLOPT_USERAGENT, "energy-platform");
    Set(CURLOPT_HTTPHEADER, headers_.get());
    Set(CURLOPT_ERRORBUFFER, error_.data());
    if (!options.ca_file.empty()) {
      Set(CURLOPT_CAINFO, options.ca_file.c_str());
      Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    Set(CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
    Set(CURLOPT_WRITEDATA, this);
    Set(CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
    Set(CURLOPT_HEADERDATA, this);

    const bool has_body = !request_.body.empty() || request_.method == Method::kPost ||
                          request_.method == Method::kPut || request_.method == Method::kPatch;
    if (has_body) {
      Set(CURLOPT_POST, 1L);
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      Set(CURLOPT_POSTFIELDS, request_.body.data());
    }
    if (request_.method == Method::kHead) {
      Set(CURLOPT_NOBODY, 1L);
    } else {
      Set(CURLOPT_CUSTOMREQUEST, std::string(MethodName(request_.method)).c_str());
    }
  }

  base::Status Failure(CURLcode code) const {
    if (too_large_) return base::TooLarge("the answer of " + request_.url + " is too large");
    const std::string why = error_[0] == '\0' ? curl_easy_strerror(code) : error_.data();
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
      return base::InvalidArgument(request_.url + ": " + why);
    }
    return base::Unavailable(request_.url + ": " + why);
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
  const HeaderList headers_;
  std::unique_ptr<CURL, EasyDeleter> easy_;
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::atomic<bool> cancelled_{false};
  Response response_;
  size_t header_bytes_ = 0;
  bool too_large_ = false;
};

Outgoing::Outgoing(OutgoingOptions options) : options_(std::move(options)) {}

base::Result<Response> Outgoing::Send(const OutgoingRequest& request) {
  ENERGY_ASSIGN_OR_RETURN(HeaderList headers, HeadersOf(request));
  Exchange exchange(options_, request, std::move(headers));
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return base::Unavailable("the program stops");
    running_.insert(&exchange);
  }
  base::Result<Response> result = exchange.Run();
  std::lock_guard lock(mutex_);
  running_.erase(&exchange);
  return result;
}

void Outgoing::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  for (Exchange* const exchange : running_) exchange->Cancel();
}

}  // namespace energy::http
