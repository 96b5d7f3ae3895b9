#include "agent/llm/http_post.h"

#include <curl/curl.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "base/string_view.h"

namespace foraker::agent {
namespace {

// How often a caller is asked whether it still waits, at least.
constexpr absl::Duration kAsk = absl::Milliseconds(20);

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CloseMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

HeaderList MakeHeaders(const std::vector<std::string>& headers) {
  HeaderList list;
  for (const std::string& header : headers) {
    curl_slist* longer = curl_slist_append(list.get(), header.c_str());
    if (longer == nullptr) return nullptr;
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

// libcurl's global state, made once and before any handle.
bool Initialise() {
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return done;
}

// The transfer under way, as the callback sees it.
struct Transfer {
  CURL* easy = nullptr;
  const HttpPost& post;
  const OnBody& on_body;
  HttpReply& reply;
  absl::Time last_byte;
  absl::Status status;  // why the callback ended the transfer

  void ReadHead() {
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    reply.status = static_cast<int>(code);
    const char* type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    if (type != nullptr) reply.content_type = type;
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    // An hour is as good as never, and leaves room to calculate with.
    reply.retry_after = absl::Seconds(std::clamp<curl_off_t>(seconds, 0, 3600));
  }
};

size_t TakeBody(char* data, size_t, size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  transfer.last_byte = absl::Now();
  if (transfer.reply.body_bytes == 0) transfer.ReadHead();
  transfer.reply.body_bytes += size;
  if (transfer.reply.body_bytes > transfer.post.max_reply_bytes) {
    transfer.status = absl::DataLossError(
        absl::StrCat("expected a reply of at most ", transfer.post.max_reply_bytes, " bytes"));
  } else {
    transfer.status = transfer.on_body(transfer.reply, {data, size});
  }
  return transfer.status.ok() ? size : 0;
}

size_t TakeHeader(char*, size_t, size_t size, void* user) {
  static_cast<Transfer*>(user)->last_byte = absl::Now();
  return size;
}

// Of a transfer that goes on: why it should not.
absl::Status Interruption(const Transfer& transfer) {
  const HttpPost& post = transfer.post;
  if (post.cancelled && post.cancelled()) return absl::CancelledError("cancelled");
  const absl::Time now = absl::Now();
  if (now >= post.deadline) return absl::DeadlineExceededError("no reply before the deadline");
  if (now - transfer.last_byte >= post.stall_timeout) {
    return absl::DeadlineExceededError(
        absl::StrCat("silent for ", absl::FormatDuration(post.stall_timeout)));
  }
  return absl::OkStatus();
}

absl::Status OutcomeOf(CURLcode code, const Transfer& transfer) {
  if (!transfer.status.ok()) return transfer.status;
  if (code == CURLE_OK) return absl::OkStatus();
  if (transfer.reply.body_bytes > 0) {
    return absl::UnavailableError(absl::StrCat("the reply broke off after ",
                                               transfer.reply.body_bytes,
                                               " bytes: ", curl_easy_strerror(code)));
  }
  return absl::UnavailableError(curl_easy_strerror(code));
}

}  // namespace

struct HttpSession::Handles {
  std::unique_ptr<CURLM, CloseMulti> multi;  // holds the kept connection; closed last
  std::unique_ptr<CURL, CloseEasy> easy;

  bool SetOptions(const HttpPost& post, const HeaderList& headers, Transfer& transfer) const;
  absl::Status Run(Transfer& transfer) const;
};

HttpSession::HttpSession() : handles_(std::make_unique<Handles>()) {
  if (!Initialise()) return;
  handles_->multi.reset(curl_multi_init());
  handles_->easy.reset(curl_easy_init());
}

HttpSession::~HttpSession() = default;

bool HttpSession::Handles::SetOptions(const HttpPost& post, const HeaderList& headers,
                                      Transfer& transfer) const {
  CURL* const handle = easy.get();
  curl_easy_reset(handle);
  bool ok = true;
  const auto set = [&](CURLoption option, auto value) {
    ok = ok && curl_easy_setopt(handle, option, value) == CURLE_OK;
  };
  set(CURLOPT_URL, post.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  set(CURLOPT_POSTFIELDS, post.body.data());
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_NOSIGNAL, 1L);
  // A name that does not resolve must not hold up a call beyond its deadline.
  set(CURLOPT_QUICK_EXIT, 1L);
  // At least a millisecond: zero is libcurl's default of minutes.
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::clamp<int64_t>(absl::ToInt64Milliseconds(post.connect_timeout), 1,
                                            absl::ToInt64Milliseconds(absl::Hours(1)))));
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_WRITEFUNCTION, &TakeBody);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(CURLOPT_HEADERFUNCTION, &TakeHeader);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  return ok;
}

absl::Status HttpSession::Handles::Run(Transfer& transfer) const {
  for (;;) {
    int running = 0;
    if (curl_multi_perform(multi.get(), &running) != CURLM_OK) {
      return absl::InternalError("libcurl failed");
    }
    if (running == 0) break;
    RETURN_IF_ERROR(Interruption(transfer));
    const absl::Duration left =
        std::clamp(transfer.post.deadline - absl::Now(), absl::Milliseconds(1), kAsk);
    curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(left)),
                    nullptr);
  }
  int queued = 0;
  const CURLMsg* message = curl_multi_info_read(multi.get(), &queued);
  if (message == nullptr) return absl::InternalError("libcurl lost a transfer");
  return OutcomeOf(message->data.result, transfer);
}

absl::Status HttpSession::Post(const HttpPost& post, const OnBody& on_body, HttpReply& reply) {
  reply = HttpReply();
  const HeaderList headers = MakeHeaders(post.headers);
  Transfer transfer{handles_->easy.get(), post, on_body, reply, absl::Now(), absl::OkStatus()};
  if (handles_->multi == nullptr || handles_->easy == nullptr ||
      !handles_->SetOptions(post, headers, transfer)) {
    return absl::InternalError("libcurl cannot be set up");
  }
  if (curl_multi_add_handle(handles_->multi.get(), handles_->easy.get()) != CURLM_OK) {
    return absl::InternalError("libcurl takes no transfer");
  }
  const absl::Status status = handles_->Run(transfer);
  transfer.ReadHead();
  // Ends a transfer under way, and closes its connection; one that is done leaves it for the next.
  curl_multi_remove_handle(handles_->multi.get(), handles_->easy.get());
  return status;
}

}  // namespace foraker::agent
