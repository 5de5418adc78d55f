#pragma once

#include "haiga/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What a pickle says, as data: nothing that it names is looked up, imported or called.
///
/// Source: "pickletools.py" of CPython, which describes every opcode of protocols 0 to 5.
namespace haiga::checkpoint::pickle {

/// A value of a document, by its number there. Values are shared as they are in the pickle.
using ref = std::uint32_t;

struct none {};
struct bytes {
    std::string data;
};
struct big_integer {
    std::string digits; ///< two's complement, lowest byte first; more than eight of them
};

/// A class or a function: only its name.
struct global {
    std::string module, name;

    [[nodiscard]] auto full_name() const -> std::string { return module + '.' + name; }

    friend auto operator==(global const&, global const&) -> bool = default;
};

enum class sequence_kind : std::uint8_t { tuple, list, set };

struct sequence {
    sequence_kind kind = sequence_kind::tuple;
    std::vector<ref> items;
};

struct mapping {
    std::vector<std::pair<ref, ref>> items; ///< in the order in which they were put in
};

/// What Python would make by calling something: an object that is only described.
struct call {
    ref callable = 0, arguments = 0;
};

/// An object that lies outside the pickle.
struct persistent {
    ref id = 0;
};

using value = std::variant<none, bool, std::int64_t, double, std::string, bytes, big_integer,
                           global, sequence, mapping, call, persistent>;

/// All values of a pickle. There are no cycles in it.
class document {
public:
    document(std::vector<value> values, ref root) : values_(std::move(values)), root_(root) {}

    [[nodiscard]] auto root() const -> ref { return root_; }
    [[nodiscard]] auto size() const -> ref { return static_cast<ref>(values_.size()); }
    [[nodiscard]] auto operator[](ref at) const -> value const& { return values_[at]; }

    /// Null for a value of another kind.
    template <class T>
    [[nodiscard]] auto get_if(ref at) const -> T const*
    {
        return std::get_if<T>(&values_[at]);
    }

    /// The value of a text key. Null where the mapping has none; the last where it has several.
    [[nodiscard]] auto find(mapping const& m, std::string_view key) const -> ref const*
    {
        ref const* found = nullptr;
        for (auto const& [name, held] : m.items) {
            auto const* const text = get_if<std::string>(name);
            found = text != nullptr && *text == key ? &held : found;
        }
        return found;
    }

private:
    std::vector<value> values_;
    ref root_;
};

} // namespace haiga::checkpoint::pickle
