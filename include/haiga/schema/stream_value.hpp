#pragma once

#include "haiga/base/result.hpp"
#include "haiga/json/parse.hpp"

#include <boost/json/value.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::schema::detail {

/// The value that json::parse makes of a number's text.
inline auto number_of(std::string_view text) -> result<boost::json::value>
{
    std::int64_t whole = 0;
    auto const end = text.data() + text.size();
    if (text != "-0" && std::from_chars(text.data(), end, whole).ptr == end) {
        return boost::json::value(whole);
    }
    return json::parse(text);
}

/// A Boost.JSON value that grows while its text arrives.
class partial_value {
public:
    [[nodiscard]] auto root() const -> boost::json::value const& { return root_; }

    /// The value at a depth, or what holds it where it has not begun.
    [[nodiscard]] auto at_depth(std::size_t depth) const -> boost::json::value const*
    {
        return open_.empty() ? &root_ : open_[std::min(depth, open_.size() - 1)];
    }
    /// The value that began last and has not ended.
    [[nodiscard]] auto innermost() const -> boost::json::value const& { return *open_.back(); }

    [[nodiscard]] auto is_in_object() const -> bool
    {
        return !open_.empty() && open_.back()->is_object();
    }
    [[nodiscard]] auto is_at_first_element() const -> bool
    {
        return !open_.empty() && open_.back()->is_array() && !element_began_;
    }
    /// Members or elements of the innermost container.
    [[nodiscard]] auto size() const -> std::size_t
    {
        return is_in_object() ? open_.back()->get_object().size()
                              : open_.back()->get_array().size();
    }

    // ---- keys

    void begin_key()
    {
        key_.clear();
        in_key_ = true;
    }
    void end_key() { in_key_ = false; }
    [[nodiscard]] auto is_in_key() const -> bool { return in_key_; }
    [[nodiscard]] auto key() const -> std::string const& { return key_; }
    [[nodiscard]] auto has_key() const -> bool { return open_.back()->get_object().contains(key_); }

    void begin_element() { element_began_ = true; }

    // ---- values

    template <class Kind>
    void open(Kind kind)
    {
        add(boost::json::value(kind));
    }

    /// Puts a value where the next one belongs; it is the innermost until close().
    void add(boost::json::value v)
    {
        element_began_ = false;
        if (open_.empty()) {
            root_ = std::move(v);
            open_.push_back(&root_);
        } else if (auto* const object = open_.back()->if_object()) {
            open_.push_back(&object->emplace(key_, std::move(v)).first->value());
        } else {
            open_.push_back(&open_.back()->get_array().emplace_back(std::move(v)));
        }
    }

    void append(std::string_view text)
    {
        if (in_key_) {
            key_.append(text);
        } else {
            open_.back()->get_string().append(text);
        }
    }

    /// The innermost value has ended. Whether another holds it.
    auto close() -> bool
    {
        open_.pop_back();
        element_began_ = true; // what follows has a comma before it
        return !open_.empty();
    }

private:
    boost::json::value root_;
    std::vector<boost::json::value*> open_;
    std::string key_;
    bool in_key_ = false;
    bool element_began_ = false; ///< of the innermost array: its level is there, or a comma comes
};

} // namespace haiga::schema::detail
