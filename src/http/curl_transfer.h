#pragma once

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/status.h"

namespace energy::http {

/// One transfer of libcurl from its beginning to its end, which another thread may cancel. For
/// outgoing.cc and mailer.cc. Threads: one, but for Cancel.
class CurlTransfer {
 public:
  CurlTransfer();
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  template <class T>
  void Set(CURLoption option, T value) {
    if (easy_) curl_easy_setopt(easy_.get(), option, value);
  }
  /// Times, no signals, TLS 1.2 or newer, and the authorities of the PEM file (empty: the
  /// system's).
  void SetCommon(std::chrono::milliseconds timeout, std::chrono::milliseconds connect_timeout,
                 const std::string& ca_file);

  /// Errors: kUnavailable when cancelled, kInternal when libcurl cannot be used. What became of the
  /// transfer itself is the code.
  base::Result<CURLcode> Run();
  /// From any thread.
  void Cancel();

  /// Of the last answer; 0 when there was none.
  long ResponseCode() const;
  /// What went wrong, in words.
  std::string ErrorText(CURLcode code) const;

 private:
  struct EasyDeleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct MultiDeleter {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };

  std::unique_ptr<CURL, EasyDeleter> easy_;
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::atomic<bool> cancelled_{false};
};

struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;
void Append(CurlList& list, const std::string& line);

/// The transfers under way, so that a stop ends them. Threads: safe anywhere.
class CurlTransfers {
 public:
  /// Runs `transfer`. Errors: kUnavailable after Stop as well.
  base::Result<CURLcode> Run(CurlTransfer& transfer);
  void Stop();

 private:
  std::mutex mutex_;
  std::set<CurlTransfer*> running_;  // guarded by mutex_
  bool stopped_ = false;             // guarded by mutex_
};

}  // namespace energy::http
