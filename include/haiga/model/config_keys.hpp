#pragma once

#include "haiga/json/get.hpp"
#include "haiga/model/config_checks.hpp"
#include "haiga/model/per_level.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

// What the readers of configurations share. Keys is a struct with a class_name, for_each(c, f),
// which calls f(key, member) for every key that a configuration c keeps, and fixed(), the keys that
// stand in its files besides.

namespace haiga::model::detail {

struct fixed_key {
    std::string_view key;
    boost::json::array values; ///< what may stand there; empty: anything, for it changes nothing
};

/// Reads members by their keys, keeps the first failure, and remembers which keys it has met.
class key_reader {
public:
    explicit key_reader(boost::json::object const& object) : object_(object) {}

    template <class Member>
    void operator()(std::string_view key, Member& member)
    {
        met_.insert(key);
        auto const* const found = object_.if_contains(key);
        if (found == nullptr || !outcome_) {
            return;
        }
        outcome_ = read(*found, member).map_error([&](failure&& f) {
            f.message += concat("; found ", one_line(boost::json::serialize(*found), longest_echo));
            return std::move(f).within(concat('"', key, '"'));
        });
    }

    [[nodiscard]] auto outcome() const -> result<> const& { return outcome_; }

    /// Keys that were not read must hold what they are fixed to. Keys with "_" are Diffusers'
    /// notes.
    [[nodiscard]] auto check_others(std::string_view class_name,
                                    std::span<fixed_key const> fixed) const -> result<>
    {
        for (auto const& [name, found] : object_) {
            std::string_view const key = name;
            auto const at = std::ranges::find(fixed, key, &fixed_key::key);
            if (at != fixed.end()) {
                HAIGA_TRY_VOID(check_fixed(*at, found));
            } else if (!met_.contains(key) && !key.starts_with('_')) {
                return fail(errc::unsupported, '"', one_line(key, longest_echo),
                            "\" is not a key of ", class_name);
            }
        }
        return {};
    }

private:
    template <class T>
    static auto read(boost::json::value const& found, T& member) -> result<>
    {
        HAIGA_TRY(member, json::as<T>(found));
        return {};
    }
    template <class T>
    static auto read(boost::json::value const& found, std::optional<T>& member) -> result<>
    {
        if (found.is_null()) {
            member.reset();
            return {};
        }
        return read(found, member.emplace());
    }
    template <class T>
    static auto read(boost::json::value const& found, per_level<T>& member) -> result<>
    {
        if (!found.is_array()) {
            HAIGA_TRY(member, json::as<T>(found));
            return {};
        }
        HAIGA_TRY(auto each, json::as<std::vector<T>>(found));
        member = per_level<T>(std::move(each));
        return {};
    }

    static auto check_fixed(fixed_key const& fixed, boost::json::value const& found) -> result<>
    {
        if (fixed.values.empty() || std::ranges::find(fixed.values, found) != fixed.values.end()) {
            return {};
        }
        return fail(errc::unsupported, '"', fixed.key, "\" may be ",
                    boost::json::serialize(fixed.values[0]), "; found ",
                    one_line(boost::json::serialize(found), longest_echo));
    }

    boost::json::object const& object_;
    std::set<std::string_view> met_;
    result<> outcome_;
};

class key_writer {
public:
    template <class Member>
    void operator()(std::string_view key, Member const& member)
    {
        object_[key] = write(member);
    }
    [[nodiscard]] auto take() && -> boost::json::object { return std::move(object_); }

private:
    template <class T>
    static auto write(T const& member) -> boost::json::value
    {
        return boost::json::value(member);
    }
    template <class T>
    static auto write(std::vector<T> const& member) -> boost::json::value
    {
        return boost::json::array(member.begin(), member.end());
    }
    template <class T>
    static auto write(std::optional<T> const& member) -> boost::json::value
    {
        return member ? write(*member) : boost::json::value(nullptr);
    }
    template <class T>
    static auto write(per_level<T> const& member) -> boost::json::value
    {
        return member.values().size() == 1 ? write(member.at(0)) : write(member.values());
    }

    boost::json::object object_;
};

/// Fills a configuration; a key that is missing leaves its member as it is.
///
/// Errors: mismatch for a value of the wrong kind; unsupported for a key that nobody knows, or a
///         setting that is not handled. Each names the key, what may stand there and what was
///         found.
template <class Keys, class Config>
auto read_keys(boost::json::value const& json, Config& config) -> result<>
{
    HAIGA_TRY(auto const object, haiga::json::as<boost::json::object>(json));
    key_reader reader(object);
    Keys::for_each(config, reader);
    HAIGA_TRY_VOID(reader.outcome());
    return reader.check_others(Keys::class_name, Keys::fixed());
}

template <class Keys, class Config>
auto write_keys(Config const& config) -> boost::json::object
{
    key_writer writer;
    Keys::for_each(config, writer);
    return std::move(writer).take();
}

} // namespace haiga::model::detail
