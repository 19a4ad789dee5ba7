// A response as it arrives. In: lines of headers and bytes of a body, with libcurl's framing taken
// off. Out: a Response as Go's net/http makes it, or its words for what is wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exchange.hpp"

namespace lictor::http {

class ResponseReader {
 public:
  ResponseReader(Response& out, const Bounds& bounds) : out_(out), bounds_(bounds) {}

  /// A line of the status, of a header, or an empty one, with its line end; false for a wrong one.
  bool take_line(std::string_view line);
  /// Bytes of the body; false if they are too many.
  bool take_body(std::string_view bytes);

  /// The headers of the final response are complete.
  bool has_headers() const { return has_headers_; }
  /// Bytes have come, but no status line.
  bool is_no_http() const { return !has_headers_ && !out_.body.empty(); }
  /// What is wrong; "" if nothing is.
  const std::string& fault() const { return fault_; }

  /// Takes off what was added for the transfer; `asked_for_gzip` if we did, not the policy.
  /// Returns what is wrong with the compressed body, or "".
  std::string finish(bool asked_for_gzip, bool is_head);

 private:
  bool start(std::string_view line);
  bool add_header(std::string_view line);
  void end_headers();
  bool fail(std::string text);

  Response& out_;
  const Bounds& bounds_;
  std::size_t header_bytes_ = 0;
  std::string last_name_;
  bool has_status_ = false, has_headers_ = false, is_http10_ = false, is_http2_ = false;
  std::string fault_;
};

/// What is wrong with a first line that is no status line.
std::string status_line_fault(std::string_view line);

}  // namespace lictor::http
