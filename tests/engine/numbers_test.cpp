// Numbers keep their spelling, are exact where OPA is exact, and round where OPA rounds. Every
// wanted text was printed by `opa eval`.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "query.hpp"
#include "value/number.hpp"

namespace {

using lictor::testing::answer;

struct Row {
  const char* query;
  const char* want;
};

class Arithmetic : public ::testing::TestWithParam<Row> {};

TEST_P(Arithmetic, prints_what_opa_prints) { EXPECT_EQ(answer(GetParam().query), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    Spelling, Arithmetic,
    ::testing::Values(Row{"1.50", "1.50"}, Row{"1E+2", "1E+2"}, Row{"-0", "-0"},
                      Row{"1e400", "1e400"},
                      Row{"123456789012345678901234567890", "123456789012345678901234567890"},
                      Row{"{1, 1.0}", "[1]"}, Row{"{1.0, 1}", "[1.0]"}, Row{"1 == 1.0", "true"}));

INSTANTIATE_TEST_SUITE_P(
    Exact, Arithmetic,
    ::testing::Values(Row{"18446744073709551617 + 1", "18446744073709551618"},
                      Row{"9223372036854775807 + 1", "9223372036854775808"}, Row{"-5 % 3", "-2"},
                      Row{"9223372036854775807 * 9223372036854775807",
                          "85070591730234615847396907784232501249"},
                      Row{"sum([18446744073709551617, 1])", "18446744073709551618"}));

INSTANTIATE_TEST_SUITE_P(
    Rounded, Arithmetic,
    ::testing::Values(Row{"10 / 3", "3.3333333333333333333"},
                      Row{"1 / 3", "0.33333333333333333334"}, Row{"0.1 + 0.2", "0.3"},
                      Row{"0.1 * 3", "0.3"}, Row{"product([0.1, 3])", "0.30000000000000004"},
                      Row{"12345678901234567890123 / 1", "12345678901234567890000"},
                      Row{"123456.5 + 0", "123456.5"}, Row{"1234567.25 + 0", "1.23456725e+06"},
                      Row{"10000000 / 3", "3.3333333333333333333e+06"}, Row{"0.00001 + 0", "1e-05"},
                      Row{"floor(1e30)", "1000000000000000000024696061952"}, Row{"ceil(-0.5)", "1"},
                      Row{"floor(-0.5)", "0"}, Row{"round(2.5)", "3"}, Row{"round(-2.5)", "-3"},
                      Row{"1 / 0", "undefined"}, Row{"5.5 % 2", "undefined"}));

INSTANTIATE_TEST_SUITE_P(
    Formatted, Arithmetic,
    ::testing::Values(Row{"sprintf(\"%v\", [1.10])", "\"1.1\""},
                      Row{"sprintf(\"%d\", [1.0])", "\"%!d(float64=1)\""},
                      Row{"sprintf(\"%s\", [1])", "\"%!s(int64=1)\""},
                      Row{"sprintf(\"%v\", [604800000.5])", "\"6.048000005e+08\""},
                      Row{"sprintf(\"%v %s\", [1])", "\"1 %!s(MISSING)\""},
                      Row{"sprintf(\"%05d|%-4s|%x\", [42, \"a\", 255])", "\"00042|a   |ff\""}));

// Texts that are shorter and longer than a word, some with zeros that count for nothing.
TEST(Order, of_fractions_is_that_of_what_they_say) {
  std::vector<std::string> texts = {"0.5",   "0.50", "00.5", "007.5", "8.5",   "10.0",  "9.99",
                                    "9.990", "-0.5", "-7.5", "1.5e1", "1.5e0", "-0.0",  "0.0",
                                    "5.",    "5.0",  "100",  "7",     "0.1e1", "99.999"};
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    std::string text = std::to_string(random() % (i % 2 ? 10 : 100'000)) + ".";
    for (std::size_t k = random() % 6; k != std::size_t(-1); --k)
      text += static_cast<char>('0' + random() % 10);
    texts.push_back(text);
  }
  auto sign = [](double x) { return x < 0 ? -1 : x > 0 ? 1 : 0; };
  for (const std::string& a : texts) {
    for (const std::string& b : texts) {
      int order = compare_numbers(lictor::Value::number_text(a), lictor::Value::number_text(b));
      double difference = std::strtod(a.c_str(), nullptr) - std::strtod(b.c_str(), nullptr);
      EXPECT_EQ(sign(order), sign(difference)) << a << " and " << b;
    }
  }
}

}  // namespace
