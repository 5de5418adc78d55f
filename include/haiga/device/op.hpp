#pragma once

#include "haiga/base/check.hpp"
#include "haiga/tensor/view.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace haiga::device {

class backward_pass;
struct record;

/// Which output may share memory with which input, when nobody needs that input afterwards.
struct sharing {
    int output = 0;
    int input = 0;
};

/// What a graph knows of a kind of op, whatever backend will run it.
struct op_info {
    std::string_view name;
    void (*differentiate)(backward_pass&, record const&) = nullptr; ///< null: has no gradient
    bool is_view = false;      ///< output 0 is input 0 under another shape; nothing runs
    bool recomputable = false; ///< cheap: its output is computed again rather than kept
    std::span<sharing const> in_place = {};
};

/// A kind of operation: a small trivially copyable struct of attributes. It has
///   - static constexpr std::string_view name;
///   - void run(Backend&, Op const&, arguments const&), found by argument-dependent lookup;
/// and may have
///   - static void differentiate(backward_pass&, record const&): appends the backward ops;
///   - static constexpr bool is_view, recomputable;
///   - static constexpr std::array<sharing, n> in_place.
template <class Op>
concept op = std::is_trivially_copyable_v<Op> && std::is_default_constructible_v<Op> && requires
{
    {
        Op::name
        } -> std::convertible_to<std::string_view>;
};

namespace detail {

template <op Op>
constexpr auto describe() -> op_info
{
    op_info info{.name = Op::name};
    if constexpr (requires { &Op::differentiate; }) {
        info.differentiate = &Op::differentiate;
    }
    if constexpr (requires { Op::is_view; }) {
        info.is_view = Op::is_view;
    }
    if constexpr (requires { Op::recomputable; }) {
        info.recomputable = Op::recomputable;
    }
    if constexpr (requires { Op::in_place; }) {
        info.in_place = Op::in_place;
    }
    return info;
}

} // namespace detail

/// One object a kind: its address tells kinds apart.
template <op Op>
inline constexpr op_info info_of = detail::describe<Op>();

/// The attributes of any op, as plain bytes.
class attributes {
public:
    static constexpr std::size_t capacity = 96;

    attributes() = default;
    template <op Op>
    explicit attributes(Op const& op)
    {
        static_assert(sizeof(Op) <= capacity);
        std::memcpy(bytes_.data(), &op, sizeof(Op));
    }

    template <op Op>
    [[nodiscard]] auto as() const -> Op
    {
        Op op{};
        std::memcpy(static_cast<void*>(&op), bytes_.data(), sizeof(Op));
        return op;
    }

private:
    alignas(8) std::array<std::byte, capacity> bytes_{};
};

/// What an op works on when it runs. An operand that was not given is an empty view.
struct arguments {
    std::span<any_view const> in;
    std::span<any_view const> out;
};

} // namespace haiga::device
