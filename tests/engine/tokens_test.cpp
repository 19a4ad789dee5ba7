// Keys of tokens and certificates: what is kept of them, and hostile ones.
#include <gtest/gtest.h>

#include <thread>

#include "base/base64.hpp"
#include "query.hpp"

namespace {

using lictor::testing::answer;

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

std::string base64(const std::string& bytes) {
  return lictor::encode_base64(bytes, lictor::base64_standard, true);
}

/// Tokens by more keys than are kept, each verified by its own key and by the next one.
constexpr const char* many_keys = R"(package keys

key(i) := json.marshal({"kty": "oct", "k": base64url.encode_no_pad(sprintf("secret %d", [i]))})

token(i) := io.jwt.encode_sign_raw(`{"alg":"HS256"}`, "{}", key(i))

counts[answer] := count(cases) if {
	some answer in [true, false]
	cases := {[i, j, round] |
		some round in [1, 2]
		some i in numbers.range(1, 150)
		some j in [i, i + 1]
		verified := io.jwt.decode_verify(token(i), {"cert": key(j), "time": round})[0]
		(verified == (i == j)) == answer
	}
}
)";

constexpr const char* all_right = R"({"false":0,"true":600})";

TEST(Tokens, each_key_verifies_its_own_tokens_only) {
  EXPECT_EQ(answer("data.keys.counts", many_keys), all_right);
}

TEST(Tokens, threads_have_keys_of_their_own) {
  std::vector<std::string> answers(4);
  std::vector<std::thread> threads;
  for (std::string& one : answers)
    threads.emplace_back([&one] { one = answer("data.keys.counts", many_keys); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, std::vector<std::string>(4, all_right));
}

/// Unknown members of a key are read once, however deep they are.
TEST(Tokens, a_key_may_have_deep_members) {
  constexpr int depth = 9000;
  std::string inside = "\\\"" + repeated("a", 500'000) + "\\\"";
  std::string key = R"({\"kty\":\"oct\",\"k\":\"AQ\",\"x\":)" + repeated("[", depth) + inside +
                    repeated("]", depth) + "}";
  EXPECT_EQ(answer("io.jwt.verify_rs256(\"eyJhbGciOiJSUzI1NiJ9.e30.AAAA\", input)", "",
                   "\"" + key + "\""),
            "false");
}

/// An element in DER.
std::string der(char tag, const std::string& contents) {
  std::string size;
  if (contents.size() < 128) {
    size = std::string(1, static_cast<char>(contents.size()));
  } else {
    size = "\x83";
    for (int shift : {16, 8, 0}) size += static_cast<char>(contents.size() >> shift);
    size.erase(1, size.find_first_not_of('\0', 1) - 1);
    size[0] = static_cast<char>(0x80 + size.size() - 1);
  }
  return tag + size + contents;
}

/// A certificate with that modulus, valid from then on.
std::string certificate(const std::string& modulus, const std::string& from = "200101000000Z") {
  const std::string sha256_rsa =
      der(0x30, der(6, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b") + std::string("\x05\x00", 2));
  const std::string rsa =
      der(0x30, der(6, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") + std::string("\x05\x00", 2));
  const std::string name = der(0x30, ""), zero(1, '\0');
  std::string key = der(0x30, rsa + der(3, zero + der(0x30, der(2, modulus) + der(2, "\x03"))));
  std::string times = der(0x30, der(23, from) + der(23, "400101000000Z"));
  std::string body = der(
      0x30, der('\xa0', der(2, "\x02")) + der(2, "\x01") + sha256_rsa + name + times + name + key);
  return base64(der(0x30, body + sha256_rsa + der(3, zero + "x")));
}

TEST(Tokens, numbers_of_certificates_have_a_limit) {
  auto modulus = [](int size) {
    std::string text = certificate(repeated("A", size));
    return answer("[number | number := crypto.x509.parse_certificates(input)[0].PublicKey.N]", "",
                  "\"" + text + "\"");
  };
  EXPECT_EQ(modulus(2), "[16705]");
  // 65 + 65 * 256 + ... = 65 * (256^n - 1) / 255
  std::string long_number = modulus(3000);
  EXPECT_EQ(answer("input * 255 == 65 * (bits.lsh(1, 24000) - 1)", "",
                   long_number.substr(1, long_number.size() - 2)),
            "true");
  EXPECT_EQ(modulus(200'000), "[]");
}

TEST(Tokens, times_of_certificates_keep_their_offset) {
  auto start = [](const char* from) {
    return answer("crypto.x509.parse_certificates(input)[0].NotBefore", "",
                  "\"" + certificate("AA", from) + "\"", true);
  };
  EXPECT_EQ(start("200101000000Z"), "\"2020-01-01T00:00:00Z\"");
  EXPECT_EQ(start("2001010000+0130"), "\"2020-01-01T00:00:00+01:30\"");
  EXPECT_NE(start("2001010000+2400").find("timezone hour outside of range [0,23]"),
            std::string::npos);
  EXPECT_NE(start("200101000000+0000").find("x509: malformed UTCTime"), std::string::npos);
}

}  // namespace
