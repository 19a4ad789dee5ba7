#include "gzip.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace lictor::http {
namespace {

/// One stream of a file of several.
class Member {
 public:
  Member() { inflateInit2(&stream_, 16 + MAX_WBITS); }
  ~Member() { inflateEnd(&stream_); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  /// Takes it from the front of `rest`. Returns what is wrong, or "".
  std::string read(std::string_view& rest, std::size_t max_bytes, std::string& out) {
    constexpr std::size_t header_size = 10;
    if (rest.size() < header_size) return "unexpected EOF";
    stream_.next_in = reinterpret_cast<const Bytef*>(rest.data());
    stream_.avail_in = static_cast<uInt>(std::min<std::size_t>(rest.size(), 0xFFFF'FFFF));
    int code = Z_OK;
    while (code == Z_OK) {
      char buffer[65536];
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = sizeof buffer;
      code = inflate(&stream_, Z_NO_FLUSH);
      std::size_t made = sizeof buffer - stream_.avail_out;
      if (made > max_bytes - out.size()) return too_large(max_bytes);
      out.append(buffer, made);
    }
    if (code != Z_STREAM_END) return fault(code);
    rest.remove_prefix(rest.size() - stream_.avail_in);
    return "";
  }

 private:
  std::string fault(int code) const {
    if (code == Z_BUF_ERROR) return "unexpected EOF";
    std::string_view text = stream_.msg ? stream_.msg : "";
    bool of_header = text == "incorrect header check" || text == "unknown compression method" ||
                     text == "unknown header flags set" || text == "header crc mismatch";
    if (of_header) return "gzip: invalid header";
    if (text == "incorrect data check" || text == "incorrect length check")
      return "gzip: invalid checksum";
    return "flate: corrupt input before offset " + std::to_string(stream_.total_in);
  }

  z_stream stream_{};
};

}  // namespace

std::string too_large(std::size_t max_bytes) {
  return "net/http: server response body exceeded " + std::to_string(max_bytes) + " bytes; aborted";
}

std::string gunzip(std::string_view compressed, std::size_t max_bytes, std::string& out) {
  for (std::string_view rest = compressed; !rest.empty();) {
    std::string wrong = Member().read(rest, max_bytes, out);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace lictor::http
