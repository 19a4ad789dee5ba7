#include "response_reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/unicode.hpp"
#include "gzip.hpp"

namespace lictor::http {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

std::string broken(const std::string& what) {
  return "net/http: HTTP/1.x transport connection broken: " + what;
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct StatusText {
  int code;
  const char* text;
};

/// Go's texts, which stand in for those that HTTP/2 does not have.
constexpr StatusText status_texts[] = {{200, "OK"},
                                       {201, "Created"},
                                       {202, "Accepted"},
                                       {203, "Non-Authoritative Information"},
                                       {204, "No Content"},
                                       {205, "Reset Content"},
                                       {206, "Partial Content"},
                                       {207, "Multi-Status"},
                                       {208, "Already Reported"},
                                       {226, "IM Used"},
                                       {300, "Multiple Choices"},
                                       {301, "Moved Permanently"},
                                       {302, "Found"},
                                       {303, "See Other"},
                                       {304, "Not Modified"},
                                       {305, "Use Proxy"},
                                       {307, "Temporary Redirect"},
                                       {308, "Permanent Redirect"},
                                       {400, "Bad Request"},
                                       {401, "Unauthorized"},
                                       {402, "Payment Required"},
                                       {403, "Forbidden"},
                                       {404, "Not Found"},
                                       {405, "Method Not Allowed"},
                                       {406, "Not Acceptable"},
                                       {407, "Proxy Authentication Required"},
                                       {408, "Request Timeout"},
                                       {409, "Conflict"},
                                       {410, "Gone"},
                                       {411, "Length Required"},
                                       {412, "Precondition Failed"},
                                       {413, "Request Entity Too Large"},
                                       {414, "Request URI Too Long"},
                                       {415, "Unsupported Media Type"},
                                       {416, "Requested Range Not Satisfiable"},
                                       {417, "Expectation Failed"},
                                       {418, "I'm a teapot"},
                                       {421, "Misdirected Request"},
                                       {422, "Unprocessable Entity"},
                                       {423, "Locked"},
                                       {424, "Failed Dependency"},
                                       {425, "Too Early"},
                                       {426, "Upgrade Required"},
                                       {428, "Precondition Required"},
                                       {429, "Too Many Requests"},
                                       {431, "Request Header Fields Too Large"},
                                       {451, "Unavailable For Legal Reasons"},
                                       {500, "Internal Server Error"},
                                       {501, "Not Implemented"},
                                       {502, "Bad Gateway"},
                                       {503, "Service Unavailable"},
                                       {504, "Gateway Timeout"},
                                       {505, "HTTP Version Not Supported"},
                                       {506, "Variant Also Negotiates"},
                                       {507, "Insufficient Storage"},
                                       {508, "Loop Detected"},
                                       {510, "Not Extended"},
                                       {511, "Network Authentication Required"}};

std::string status_text(int code) {
  const auto* at = std::find_if(std::begin(status_texts), std::end(status_texts),
                                [&](const StatusText& item) { return item.code == code; });
  return at == std::end(status_texts) ? "" : at->text;
}

/// As Go's http.ParseHTTPVersion: one digit, a point, one digit.
bool is_version(std::string_view text) {
  return text.size() == 8 && text.starts_with("HTTP/") && is_digits(text.substr(5, 1)) &&
         text[6] == '.' && is_digits(text.substr(7));
}

/// True if a Connection header has the token "close".
bool closes_connection(const Headers& headers) {
  auto at = headers.find("connection");
  if (at == headers.end()) return false;
  for (std::string_view rest : at->second) {
    while (!rest.empty()) {
      std::size_t end = std::min(rest.find(','), rest.size());
      if (lower_case(trimmed(rest.substr(0, end))) == "close") return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return false;
}

}  // namespace

std::string status_line_fault(std::string_view line) {
  std::size_t blank = line.find(' ');
  if (blank == line.npos) return broken("malformed HTTP response " + quoted(line));
  std::string_view rest = line.substr(blank);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::string_view code = rest.substr(0, rest.find(' '));
  // Atoi takes a sign, and -12 is then no status.
  bool number =
      code.size() == 3 && (is_digits(code) || (code[0] == '+' && is_digits(code.substr(1))));
  if (!number) return broken("malformed HTTP status code " + quoted(code));
  if (!is_version(line.substr(0, blank)))
    return broken("malformed HTTP version " + quoted(line.substr(0, blank)));
  return "";
}

bool ResponseReader::fail(std::string text) {
  fault_ = std::move(text);
  return false;
}

bool ResponseReader::start(std::string_view line) {
  out_ = Response();
  last_name_.clear();
  has_status_ = true;
  is_http2_ = line.starts_with("HTTP/2 ") || line.starts_with("HTTP/3 ");
  is_http10_ = line.starts_with("HTTP/1.0 ");
  std::size_t blank = line.find(' ');
  if (!is_http2_) {
    std::string wrong = status_line_fault(line);
    if (!wrong.empty()) return fail(wrong);
  }
  line.remove_prefix(blank);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  out_.status_code = std::stoi(std::string(line.substr(0, 3)));
  out_.status = line;
  if (is_http2_)
    out_.status = std::to_string(out_.status_code) + " " + status_text(out_.status_code);
  return true;
}

bool ResponseReader::add_header(std::string_view line) {
  bool folded = line.starts_with(' ') || line.starts_with('\t');
  if (folded && last_name_.empty())
    return fail(broken("malformed MIME header initial line: " + quoted(line)));
  if (folded) {
    std::string& value = out_.headers[last_name_].back();
    value += (value.empty() ? "" : " ") + std::string(trimmed(line));
    return true;
  }
  line = trimmed(line);
  std::size_t colon = line.find(':');
  if (colon == line.npos)
    return fail(broken("malformed MIME header: missing colon: " + quoted(line)));
  std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
  std::string solid(name);
  std::replace(solid.begin(), solid.end(), ' ', '-');
  if (!is_token(solid) || !is_header_value(value))
    return fail(broken("malformed MIME header line: " + quoted(line)));
  last_name_ = lower_case(name);
  out_.headers[last_name_].emplace_back(value);
  return true;
}

void ResponseReader::end_headers() {
  bool is_interim = out_.status_code < 200 && out_.status_code != 101;
  has_status_ = !is_interim;
  has_headers_ = !is_interim;
}

bool ResponseReader::take_line(std::string_view line) {
  if (has_headers_) return true;  // trailers, which no policy sees
  header_bytes_ += line.size();
  if (header_bytes_ > bounds_.max_header_bytes) {
    return fail(broken("net/http: server response headers exceeded " +
                       std::to_string(bounds_.max_header_bytes) + " bytes; aborted"));
  }
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (!has_status_) return start(line);
  if (!line.empty()) return add_header(line);
  end_headers();
  return true;
}

bool ResponseReader::take_body(std::string_view bytes) {
  if (bytes.size() > bounds_.max_body_bytes - out_.body.size())
    return fail(too_large(bounds_.max_body_bytes));
  out_.body.append(bytes);
  return true;
}

std::string ResponseReader::finish(bool asked_for_gzip, bool is_head) {
  Headers& headers = out_.headers;
  // Go has these in fields of their own.
  bool is_chunked = headers.erase("transfer-encoding") != 0;
  if (is_chunked) headers.erase("content-length");
  if (is_chunked || is_http2_) headers.erase("trailer");
  if (!is_http10_ && !is_http2_ && closes_connection(headers)) headers.erase("connection");
  auto length = headers.find("content-length");
  if (length != headers.end()) length->second.resize(1);
  if (!is_http2_ && first_value(headers, "pragma") == "no-cache" && !headers.count("cache-control"))
    headers["cache-control"] = {"no-cache"};
  bool is_empty = is_head || out_.status_code == 204 || out_.status_code == 304 ||
                  first_value(headers, "content-length") == "0";
  bool is_gzip = lower_case(first_value(headers, "content-encoding")) == "gzip";
  if (!asked_for_gzip || is_empty || !is_gzip) return "";
  headers.erase("content-encoding");
  headers.erase("content-length");
  std::string body;
  body.swap(out_.body);
  return gunzip(body, bounds_.max_body_bytes, out_.body);
}

}  // namespace lictor::http
