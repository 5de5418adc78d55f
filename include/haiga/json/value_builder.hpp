#pragma once

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>

namespace haiga::json::detail {

/// Builds the value of a document as Boost.JSON's own handler does, but with every double the
/// nearest one to its digits, where Boost 1.81's is often its neighbour.
class value_builder {
    using error_code = boost::json::error_code;
    using text = boost::json::string_view;

public:
    static constexpr auto max_object_size = boost::json::object::max_size();
    static constexpr auto max_array_size = boost::json::array::max_size();
    static constexpr auto max_key_size = boost::json::string::max_size();
    static constexpr auto max_string_size = boost::json::string::max_size();

    auto on_document_begin(error_code&) -> bool
    {
        stack_.reset();
        return true;
    }
    auto on_document_end(error_code&) -> bool { return true; }
    auto on_object_begin(error_code&) -> bool { return true; }
    auto on_object_end(std::size_t n, error_code&) -> bool
    {
        members_ += n;
        return stack_.push_object(n), true;
    }
    auto on_array_begin(error_code&) -> bool { return true; }
    auto on_array_end(std::size_t n, error_code&) -> bool { return stack_.push_array(n), true; }
    auto on_key_part(text part, std::size_t, error_code&) -> bool { return add(part); }
    auto on_key(text part, std::size_t, error_code&) -> bool { return stack_.push_key(part), true; }
    auto on_string_part(text part, std::size_t, error_code&) -> bool { return add(part); }
    auto on_string(text part, std::size_t, error_code&) -> bool
    {
        return stack_.push_string(part), true;
    }
    auto on_number_part(text part, error_code&) -> bool
    {
        digits_.append(part.data(), part.size());
        return true;
    }
    auto on_int64(std::int64_t n, text, error_code&) -> bool
    {
        digits_.clear();
        return stack_.push_int64(n), true;
    }
    auto on_uint64(std::uint64_t n, text, error_code&) -> bool
    {
        digits_.clear();
        return stack_.push_uint64(n), true;
    }
    /// Errors: exponent_overflow for what no double can hold; what is too small is 0.
    auto on_double(double near, text part, error_code& error) -> bool
    {
        digits_.append(part.data(), part.size());
        std::from_chars(digits_.data(), digits_.data() + digits_.size(), near);
        digits_.clear();
        if (!std::isfinite(near)) {
            error = boost::json::error::exponent_overflow;
            return false;
        }
        return stack_.push_double(near), true;
    }
    auto on_bool(bool b, error_code&) -> bool { return stack_.push_bool(b), true; }
    auto on_null(error_code&) -> bool { return stack_.push_null(), true; }
    auto on_comment_part(text, error_code&) -> bool { return true; }
    auto on_comment(text, error_code&) -> bool { return true; }

    [[nodiscard]] auto release() -> boost::json::value { return stack_.release(); }

    /// Of all objects, keys that occur twice counted twice.
    [[nodiscard]] auto members() const -> std::size_t { return members_; }

private:
    auto add(text part) -> bool { return stack_.push_chars(part), true; }

    boost::json::value_stack stack_;
    std::string digits_;
    std::size_t members_ = 0;
};

} // namespace haiga::json::detail
