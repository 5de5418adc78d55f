#include "haiga/checkpoint/pickle_reader.hpp"

#include "haiga/checkpoint/torch_globals.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace haiga;
using namespace std::string_literals;
namespace pickle = checkpoint::pickle;

namespace {

auto read(std::string const& text)
{
    return pickle::read_pickle(as_bytes(text), checkpoint::is_torch_global);
}

auto refused(std::string const& text) -> std::string
{
    auto const found = read(text);
    return found ? "accepted" : found.error().to_string();
}

/// A value as Python would print it.
auto told(pickle::document const& d, pickle::ref at) -> std::string
{
    struct teller {
        pickle::document const& d;

        auto list(std::vector<pickle::ref> const& items) const
        {
            std::string text;
            for (auto const item : items) {
                text += (text.empty() ? "" : ", ") + told(d, item);
            }
            return text;
        }
        auto operator()(pickle::none) const { return "None"s; }
        auto operator()(bool b) const { return b ? "True"s : "False"s; }
        auto operator()(std::int64_t n) const { return concat(n); }
        auto operator()(double x) const { return concat(x); }
        auto operator()(std::string const& s) const { return '\'' + s + '\''; }
        auto operator()(pickle::bytes const& b) const { return "b'" + b.data + '\''; }
        auto operator()(pickle::big_integer const& b) const
        {
            return concat(b.digits.size(), " bytes");
        }
        auto operator()(pickle::global const& g) const { return g.full_name(); }
        auto operator()(pickle::sequence const& s) const
        {
            constexpr std::string_view brackets[] = {"()", "[]", "{}"};
            auto const pair = brackets[static_cast<std::size_t>(s.kind)];
            return pair[0] + list(s.items) + pair[1];
        }
        auto operator()(pickle::mapping const& m) const
        {
            std::string text;
            for (auto const& [key, held] : m.items) {
                text += (text.empty() ? "" : ", ") + told(d, key) + ": " + told(d, held);
            }
            return '{' + text + '}';
        }
        auto operator()(pickle::call const& c) const
        {
            return told(d, c.callable) + told(d, c.arguments);
        }
        auto operator()(pickle::persistent const& p) const { return '<' + told(d, p.id) + '>'; }
    };
    return std::visit(teller{d}, d[at]);
}

auto told(std::string const& text) -> std::string
{
    auto const found = read(text);
    return found ? told(found->contents, found->contents.root()) : found.error().to_string();
}

} // namespace

TEST_CASE("values of every protocol are read")
{
    // pickle.dumps of CPython 3.11, protocols 0, 1, 2 and 4
    CHECK(told("(lp0\nI1\naI01\naF0.5\naVtext\np1\na(I2\nI-3\ntp2\naNa.") ==
          "[1, True, 0.5, 'text', (2, -3), None]");
    CHECK(told("](K\1I00\nG?\xe0\0\0\0\0\0\0X\4\0\0\0text(K\2J\xfd\xff\xff\xfftNe."s) ==
          "[1, False, 0.5, 'text', (2, -3), None]");
    CHECK(told("\x80\2}q\0(X\1\0\0\0aq\1M\x39\5X\1\0\0\0bq\2\x8a\5\0\0\0\0\1u."s) ==
          "{'a': 1337, 'b': 4294967296}");
    CHECK(told("\x80\4\x95\x0e\0\0\0\0\0\0\0\x8f\x94(K\1C\2xy\x94\x8c\1z\x94\x90."s) ==
          "{1, b'xy', 'z'}");
    CHECK(told("\x80\2\x8a\x0al\xfc\x9c"
               "F\xf9 j\xa8P\x19."s) == "10 bytes");
    CHECK(told("\x80\2\x8a\1\x80."s) == "-128");
}

TEST_CASE("the stack does what Python's does")
{
    CHECK(told("K\1K\2"
               "0."s) == "1"); // POP
    CHECK(told("K\1(K\2K\3"
               "1."s) == "1");                        // POP_MARK
    CHECK(told("(K\1(0t."s) == "(1)");                // POP takes a mark away
    CHECK(told("K\1\x32\x86."s) == "(1, 1)");         // DUP
    CHECK(told("]q\5K\1ah\5\x86."s) == "([1], [1])"); // BINPUT, BINGET share a list
    CHECK(told("ccollections\nOrderedDict\n)R(K\1K\2u."s) == "{1: 2}");
    CHECK(told("ccollections\nOrderedDict\n((lp0\n(K\1K\2latR."s) == "{1: 2}");
    CHECK(told("ctorch\nSize\n(K\2K\3t\x85R."s) == "torch.Size((2, 3))");
    CHECK(told("(Vx\nctorch\nFloatStorage\ntQ."s) == "<('x', torch.FloatStorage)>");
    CHECK(told("}}Va\nK\1sb."s) == "{}"); // BUILD: attributes of an object are of no interest
}

TEST_CASE("nothing is called, whichever opcode asks for it")
{
    auto const expected = "names os.system, which is not on the list";
    auto const told_of = "(S'echo haiga'\n"s;
    std::vector<std::string> const programs{
        "cos\nsystem\n" + told_of + "tR.", // GLOBAL, REDUCE
        "\x80\4\x8c\2os\x8c\6system\x93\x8c\4"
        "echo\x85R.",                      // STACK_GLOBAL
        told_of + "ios\nsystem\n.",        // INST
        "(cos\nsystem\nS'echo haiga'\no.", // OBJ
        "\x80\2"
        "cos\nsystem\nVecho\n\x85\x81.", // NEWOBJ
        "\x80\4"
        "cos\nsystem\nVecho\n\x85}\x92.",                                 // NEWOBJ_EX
        "ccollections\nOrderedDict\n)R}(V__setstate__\ncos\nsystem\nub.", // BUILD
        "Vx\nVos\nVsystem\n\x93.",                                        // names from the stack
    };
    for (auto const& text : programs) {
        CHECK(refused(text).find(expected) != std::string::npos);
    }
    for (auto const& text : {"\x82\1."s, "\x83\1\0."s, "\x84\1\0\0\0."s}) { // EXT1, 2, 4
        CHECK(refused(text).find("has no place in a checkpoint") != std::string::npos);
    }
    CHECK(refused("Pos.system\n.").find("opcode 80 has no place") != std::string::npos); // PERSID
    CHECK(refused("\x97."s).find("opcode 151 has no place") != std::string::npos); // NEXT_BUFFER
    CHECK(refused("K\1K\2\x85R."s) == "pickle: what is called is not a global (at byte 5)");
    CHECK(refused("c__builtin__\neval\n.").find("names __builtin__.eval") != std::string::npos);
    CHECK(refused("ctorch\nload\n.").find("names torch.load") != std::string::npos);
}

TEST_CASE("a pickle that is cut off anywhere is refused")
{
    auto const whole = "\x80\2}q\0(X\1\0\0\0aq\1M\x39\5X\1\0\0\0bq\2ctorch\nSize\n)\x85Ru."s;
    REQUIRE(read(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        REQUIRE_FALSE(read(whole.substr(0, length)));
    }
}

TEST_CASE("broken programs are refused with the place")
{
    CHECK(refused("."s) == "pickle: the stack is empty");
    CHECK(refused("K\1t."s) == "pickle: no mark is on the stack (at byte 2)");
    CHECK(refused("(K\1(\x85."s) == "pickle: the stack is empty (at byte 4)");
    CHECK(refused("h\7."s) == "pickle: nothing is remembered under 7 (at byte 0)");
    CHECK(refused("}(K\1u."s) == "pickle: a key has no value (at byte 4)");
    CHECK(refused("K\1K\2a."s) == "pickle: what grows is no list (at byte 4)");
    CHECK(refused(")K\2a."s) == "pickle: a tuple cannot grow (at byte 3)");
    CHECK(refused("X\xff\xff\xff\xff."s) == "pickle: need 4294967295 bytes, have 1 (at byte 0)");
    CHECK(refused("X\1\0\0\0\xff."s) == "pickle: a text is not UTF-8 at its byte 0 (at byte 0)");
    CHECK(refused("\x80\6."s) == "pickle: protocol 6 (at byte 0)");
    CHECK(refused("Ix\n."s) == "pickle: \"x\" is not a number (at byte 0)");
    CHECK(refused("S'a\\x41'\n."s) == "pickle: a quoted text with escapes (at byte 0)");
}

TEST_CASE("a value that contains itself is refused, one that is shared is not")
{
    CHECK(refused("]q\0h\0a."s) == "pickle: a value of the pickle contains itself");
    CHECK(refused("}q\0(Vself\nh\0u."s) == "pickle: a value of the pickle contains itself");
    CHECK(refused("]q\0]q\1h\0ah\1a."s) == "pickle: a value of the pickle contains itself");
    CHECK(told("]q\0h\0\x86."s) == "([], [])");
}

TEST_CASE("a small pickle that doubles itself again and again takes little")
{
    auto text = "]q\0"s; // 60 lists, each twice in the next: 2^60 as a tree
    for (char i = 1; i < 60; ++i) {
        text +=
            "]q"s + i + "h"s + static_cast<char>(i - 1) + "ah"s + static_cast<char>(i - 1) + "a"s;
    }
    auto const found = read(text + ".");
    REQUIRE(found);
    CHECK(found->contents.size() == 60);
}

TEST_CASE("the number of values has a limit")
{
    std::string const many(100, 'N');
    auto const found =
        pickle::read_pickle(as_bytes(many), checkpoint::is_torch_global, {.max_values = 99});
    CHECK(found.error().to_string() == "pickle: more than 99 values (at byte 99)");
}
