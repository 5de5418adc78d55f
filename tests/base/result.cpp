#include "haiga/base/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <variant>

using haiga::errc;
using haiga::fail;
using haiga::result;

namespace {

auto halve(int n) -> result<int>
{
    if (n % 2 != 0) {
        return fail(errc::invalid, "halve: need an even number, have ", n);
    }
    return n / 2;
}

auto quarter(int n) -> result<int>
{
    HAIGA_TRY(auto const once, halve(n));
    HAIGA_TRY(auto const twice, halve(once));
    return twice;
}

auto accept(int n) -> result<>
{
    HAIGA_TRY_VOID(quarter(n));
    HAIGA_TRY_VOID(quarter(n));
    return {};
}

} // namespace

TEST_CASE("a failure names the thing, and where it lies")
{
    auto const r = quarter(6);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == errc::invalid);
    CHECK(r.error().to_string() == "halve: need an even number, have 3");

    auto const placed = haiga::failure(r.error()).within("numbers.txt").at(12);
    CHECK(placed.to_string() == "numbers.txt: halve: need an even number, have 3 (at byte 12)");
}

TEST_CASE("a failure is one line of printable bytes, however its message came about")
{
    haiga::failure const odd{errc::invalid, "a\nb\tc\x1b[31m\x7f\0d\xc3\xa9", 3};
    CHECK(odd.to_string() == "a\\nb\\x09c\\x1b[31m\\x7f (at byte 3)"); // the literal ends at \0
    CHECK(haiga::one_line(std::string("\0\x1f \xc3\xa9", 5)) == "\\x00\\x1f \xc3\xa9");
    CHECK(haiga::one_line("") == "");
}

TEST_CASE("a long line loses its middle, never half a character")
{
    CHECK(haiga::one_line("0123456789", 10) == "0123456789");
    CHECK(haiga::one_line("0123456789a", 10) == "01234 ... 6789a");
    CHECK(haiga::one_line("0\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                          "9",
                          12) == "0\xe2\x82\xac ... \xe2\x82\xac"
                                 "9");
    auto const name = "/" + std::string(100'000, 'x') + ".png";
    auto const line = haiga::failure{errc::io, name + ": cannot open: it is gone", {}}.to_string();
    CHECK(line.size() < 2100);
    CHECK(line.starts_with("/xxx"));
    CHECK(line.ends_with("x.png: cannot open: it is gone"));
}

TEST_CASE("an exception is told as a failure")
{
    CHECK(haiga::failure_of(std::bad_alloc()).to_string() == "out of memory");
    CHECK(haiga::failure_of(std::bad_array_new_length()).code == errc::out_of_memory);
    CHECK(haiga::failure_of(haiga::contract_violation("a.hpp:3: x\ny")).to_string() ==
          "a.hpp:3: x\\ny");
}

TEST_CASE("HAIGA_TRY gives the value or returns the failure")
{
    CHECK(quarter(12).value() == 3);
    CHECK(accept(12).has_value());
    CHECK(accept(2).error().code == errc::invalid);
    CHECK(accept(2).error().message == "halve: need an even number, have 1");
}

TEST_CASE("HAIGA_TRY moves what cannot be copied")
{
    auto const make = []() -> result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
    auto const pass = [&]() -> result<std::unique_ptr<int>> {
        HAIGA_TRY(auto held, make());
        *held += 1;
        return held;
    };
    CHECK(**pass() == 8);
}

TEST_CASE("every kind of failure has a name of its own")
{
    for (int i = 0; i <= static_cast<int>(errc::cancelled); ++i) {
        for (int j = 0; j < i; ++j) {
            CHECK(to_string(static_cast<errc>(i)) != to_string(static_cast<errc>(j)));
        }
        CHECK(to_string(static_cast<errc>(i)) != "unknown");
    }
}

TEST_CASE("a result widens without a trace of the value that a wider one begins as")
{
    struct owner { // what tl::expected 1.0 would make and forget, were the conversion left to it
        std::string memory = std::string(100, 'x');
        std::shared_ptr<int> alive = count();
        static auto count() -> std::shared_ptr<int>
        {
            static auto const one = std::make_shared<int>(0);
            return one;
        }
    };
    using wide = std::variant<owner, int>;
    {
        result<wide> const value = haiga::widened<wide>(halve(4));
        CHECK(std::get<int>(value.value()) == 2);
        result<wide> const none = haiga::widened<wide>(halve(3));
        CHECK(none.error().message == "halve: need an even number, have 3");
        result<wide> const same = haiga::widened<wide>(result<owner>(owner{}));
        CHECK(owner::count().use_count() == 3); // the count's own, this one, and the one in same
    }
    CHECK(owner::count().use_count() == 2);
}
