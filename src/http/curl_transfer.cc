#include "http/curl_transfer.h"

namespace energy::http {
namespace {

constexpr int kPollMs = 1000;

}  // namespace

CurlTransfer::CurlTransfer() {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  easy_.reset(kReady == CURLE_OK ? curl_easy_init() : nullptr);
  multi_.reset(easy_ ? curl_multi_init() : nullptr);
}

CurlTransfer::~CurlTransfer() {
  if (multi_) curl_multi_remove_handle(multi_.get(), easy_.get());
}

void CurlTransfer::SetCommon(std::chrono::milliseconds timeout,
                             std::chrono::milliseconds connect_timeout,
                             const std::string& ca_file) {
  Set(CURLOPT_NOSIGNAL, 1L);
  // A name that does not resolve must not hold the end of a request that took too long.
  Set(CURLOPT_QUICK_EXIT, 1L);
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout.count()));
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_ERRORBUFFER, error_.data());
  if (ca_file.empty()) return;
  Set(CURLOPT_CAINFO, ca_file.c_str());
  Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

base::Result<CURLcode> CurlTransfer::Run() {
  if (!multi_ || curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) {
    return base::Internal("libcurl cannot be used");
  }
  for (int running = 1; running > 0;) {
    if (cancelled_) return base::Unavailable("the program stops");
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK ||
        (running > 0 && curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr) != CURLM_OK)) {
      return base::Internal("libcurl failed");
    }
  }
  int left = 0;
  const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left);
  return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

void CurlTransfer::Cancel() {
  cancelled_ = true;
  if (multi_) curl_multi_wakeup(multi_.get());
}

long CurlTransfer::ResponseCode() const {
  long code = 0;
  if (easy_) curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &code);
  return code;
}

std::string CurlTransfer::ErrorText(CURLcode code) const {
  return error_[0] == '\0' ? curl_easy_strerror(code) : error_.data();
}

void Append(CurlList& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  (void)list.release();
  list.reset(longer);
}

base::Result<CURLcode> CurlTransfers::Run(CurlTransfer& transfer) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return base::Unavailable("the program stops");
    running_.insert(&transfer);
  }
  base::Result<CURLcode> result = transfer.Run();
  std::lock_guard lock(mutex_);
  running_.erase(&transfer);
  return result;
}

void CurlTransfers::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  for (CurlTransfer* const transfer : running_) transfer->Cancel();
}

}  // namespace energy::http
