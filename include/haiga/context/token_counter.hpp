#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

namespace haiga::context {

/// A number of tokens that is known (error 0) or estimated: nine times of ten it is at most `error`
/// away. Errors of sums are added, since what is estimated in one way errs in one way.
struct token_count {
    double tokens = 0;
    double error = 0;

    [[nodiscard]] constexpr auto exact() const -> bool { return error == 0; }
    [[nodiscard]] constexpr auto most() const -> double { return tokens + error; }
    [[nodiscard]] constexpr auto least() const -> double
    {
        return tokens > error ? tokens - error : 0;
    }

    friend constexpr auto operator+(token_count a, token_count b) -> token_count
    {
        return {a.tokens + b.tokens, a.error + b.error};
    }
    constexpr auto operator+=(token_count other) -> token_count& { return *this = *this + other; }
    friend constexpr auto operator*(token_count count, double factor) -> token_count
    {
        return {count.tokens * factor, count.error * factor};
    }
    friend auto operator==(token_count const&, token_count const&) -> bool = default;
};

/// How many tokens a text is to a model.
///
/// Law:  the empty text has none, exactly; the same text always has as many; tokens and error are
///       finite and not negative; two texts apart and one behind the other agree within their
///       errors and two tokens a seam.
/// Cost: linear in the text.
template <class C>
concept token_counter = requires(C const& counter, std::string_view text)
{
    {
        counter.count(text)
        } -> std::same_as<token_count>;
};

/// A tokenizer that is the model's own, as a counter: count(text) is a number of tokens.
template <class Count>
requires std::is_invocable_r_v<std::size_t, Count const&, std::string_view>
class exact_counter {
public:
    explicit exact_counter(Count count) : count_(std::move(count)) {}

    [[nodiscard]] auto count(std::string_view text) const -> token_count
    {
        return {static_cast<double>(std::invoke(count_, text)), 0};
    }

private:
    Count count_;
};

} // namespace haiga::context
