#include "haiga/schema/validator.hpp"

#include "tests/schema/asked.hpp"

#include "tests/sanitized.hpp"

#include <cstdlib>
#include <new>

namespace allocation_tests {

/// How often this program has called operator new.
std::size_t count = 0;

[[gnu::noinline]] auto allocate(std::size_t bytes) -> void*
{
    ++count;
    return std::malloc(bytes == 0 ? 1 : bytes);
}
[[gnu::noinline]] void release(void* memory) { std::free(memory); }

} // namespace allocation_tests

#if !defined(HAIGA_TEST_SANITIZED) // sanitizers have operators of their own
void* operator new(std::size_t bytes)
{
    if (auto* const memory = allocation_tests::allocate(bytes)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { allocation_tests::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { allocation_tests::release(memory); }
#endif

using namespace haiga;

TEST_CASE("the second validation allocates nothing")
{
    for (
        auto const& [text, instance] : std::initializer_list<std::pair<char const*, char const*>>{
            {R"({"type": "object", "properties": {"a": {"items": {"$ref": "#"}}}, "required": ["a"]})",
             R"({"a": [{"a": []}, {"a": [{"a": []}]}]})"},
            {R"({"unevaluatedProperties": false, "anyOf": [{"properties": {"x": true}}, {"required": ["y"]}]})",
             R"({"x": 1})"},
            {R"({"uniqueItems": true, "contains": {"const": {"a": [1]}}})",
             R"([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, {"a": [1.0]}])"},
            {R"({"propertyNames": {"pattern": "^(a|b)+$"}, "patternProperties": {"^a": {"multipleOf": 0.1}}})",
             R"({"a": 1.5, "abababababababababababababababababababababab": 2, "ba": 3})"},
            {R"({"$dynamicAnchor": "t", "items": {"$dynamicRef": "#t"}})", "[[], [[]]]"},
            {R"({"enum": ["a", 1, {"b": 2}], "if": {"type": "object"}, "then": {"minProperties": 1}})",
             R"({"b": 2})"}}) {
        CAPTURE(text);
        auto asked = haiga_test::compiled(text);
        auto const value = json::parse(instance);
        REQUIRE(value);
        REQUIRE(*asked.ask.accepts(*value));
        auto const before = allocation_tests::count;
        auto const verdict = asked.ask.accepts(*value);
        CHECK(allocation_tests::count == before);
        CHECK(*verdict);
    }
}
