#pragma once

#include "haiga/schema/report.hpp"

#include "haiga/base/result.hpp"

#include <algorithm>

namespace haiga::schema {

/// The output formats of the standard: the first four of 2019-09 and 2020-12 (section 12 of
/// their core specification), `list` and `hierarchical` of the draft that follows them.
enum class output_format : std::uint8_t { flag, basic, detailed, verbose, list, hierarchical };

namespace detail {

/// Writes what an evaluation noted, with tracking::everything, in one of the formats.
class output_writer {
    using object = boost::json::object;
    using array = boost::json::array;

public:
    output_writer(program const& p, report const& notes)
        : p_(p), notes_(notes), first_(notes.size(), none), next_(notes.size(), none)
    {
        for (auto n = notes.size(); n-- > 1;) {
            next_[n] = first_[notes[n].parent];
            first_[notes[n].parent] = n;
        }
    }

    [[nodiscard]] auto write(output_format format, bool valid) const -> result<boost::json::value>
    {
        HAIGA_TRY_VOID(check_levels(format));
        switch (format) {
        case output_format::flag: return object{{"valid", valid}};
        case output_format::basic: return basic(valid);
        case output_format::detailed: return nested(valid, true);
        case output_format::verbose: return nested(valid, false);
        case output_format::list: return list(valid);
        case output_format::hierarchical: return hierarchical();
        }
        return fail(errc::invalid, "no such output format");
    }

private:
    /// Nested values are taken apart by recursion, in Boost.JSON too.
    static constexpr std::uint32_t most_levels = 500;
    static constexpr std::uint64_t most_steps = std::uint64_t{1} << 24U;

    [[nodiscard]] auto unit(std::uint32_t n) const -> object
    {
        return {{"valid", notes_[n].valid},
                {"keywordLocation", notes_.keyword_location(n)},
                {"absoluteKeywordLocation", notes_.absolute_location(n)},
                {"instanceLocation", notes_.instance_location(n)}};
    }

    [[nodiscard]] auto message(std::uint32_t n) const -> std::string
    {
        auto const what = notes_.describe_at(n);
        return concat("expected ", what.expected, ", found ", what.found);
    }

    /// Notes that hold, and all schemas above them too: those of which annotations are kept.
    [[nodiscard]] auto kept() const -> std::vector<bool>
    {
        std::vector<bool> all(notes_.size());
        for (std::uint32_t n = 0; n < notes_.size(); ++n) {
            auto const parent = notes_[n].parent;
            all[n] =
                notes_[n].valid && (parent == none || all[parent]) &&
                (notes_[n].is_keyword || parent == none || notes_.code(n).op != opcode::negation);
        }
        return all;
    }

    /// What a keyword that holds says of the value; none where it says nothing.
    [[nodiscard]] auto annotation(std::uint32_t n) const -> std::optional<boost::json::value>
    {
        if (!notes_[n].is_keyword) {
            return std::nullopt;
        }
        auto const& i = notes_.code(n);
        auto const& instance = *notes_[n].instance;
        switch (i.op) {
        case opcode::annotation: return p_.values[i.a];
        case opcode::format: return boost::json::value(p_.names[i.b]);
        case opcode::properties:
        case opcode::pattern_properties:
        case opcode::additional_properties:
        case opcode::unevaluated_properties:
            return instance.is_object() ? std::optional<boost::json::value>(applied_names(n))
                                        : std::nullopt;
        case opcode::prefix_items:
            return instance.is_array() ? applied_prefix(n, i.b) : std::nullopt;
        case opcode::items:
        case opcode::unevaluated_items:
            return instance.is_array() && first_[n] != none
                       ? std::optional<boost::json::value>(true)
                       : std::nullopt;
        case opcode::contains:
            return instance.is_array() ? std::optional<boost::json::value>(applied_items(n))
                                       : std::nullopt;
        default: return std::nullopt;
        }
    }

    template <class Visit>
    void for_each_child(std::uint32_t n, Visit const& visit) const
    {
        for (auto k = first_[n]; k != none; k = next_[k]) {
            visit(k);
        }
    }

    [[nodiscard]] auto applied_names(std::uint32_t n) const -> array
    {
        array names;
        for_each_child(n, [&](std::uint32_t k) {
            names.emplace_back(notes_[n].instance->get_object().begin()[notes_[k].step].key());
        });
        return names;
    }

    [[nodiscard]] auto applied_items(std::uint32_t n) const -> array
    {
        array indices;
        for_each_child(n, [&](std::uint32_t k) {
            if (notes_[k].valid) {
                indices.emplace_back(notes_[k].step);
            }
        });
        return indices;
    }

    [[nodiscard]] auto applied_prefix(std::uint32_t n, std::uint32_t count) const
        -> std::optional<boost::json::value>
    {
        auto const size = notes_[n].instance->get_array().size();
        if (size == 0 || count == 0) {
            return std::nullopt;
        }
        return size <= count ? boost::json::value(true) : boost::json::value(count - 1);
    }

    [[nodiscard]] auto basic(bool valid) const -> boost::json::value
    {
        array units;
        auto const chosen = valid ? kept() : notes_.wrong();
        for (std::uint32_t n = 0; n < notes_.size(); ++n) {
            if (!chosen[n]) {
                continue;
            }
            auto const note = valid ? annotation(n) : std::nullopt;
            if (note) {
                units.push_back(unit(n));
                units.back().get_object()["annotation"] = *note;
            } else if (!valid && (notes_.is_own_error(n) || n == 0)) {
                units.push_back(unit(n));
                units.back().get_object()["error"] =
                    n == 0 ? std::string("the value is not valid") : message(n);
            }
        }
        return object{{"valid", valid}, {valid ? "annotations" : "errors", std::move(units)}};
    }

    /// Every unit tells the way to it: what is deep makes long output.
    [[nodiscard]] auto check_levels(output_format format) const -> result<>
    {
        bool const flat = format == output_format::basic || format == output_format::list;
        std::uint64_t sum = 0;
        std::vector<std::uint32_t> levels(notes_.size(), 0);
        for (std::uint32_t n = 1; n < notes_.size(); ++n) {
            levels[n] = levels[notes_[n].parent] + 1;
            sum += levels[n];
            if (sum > most_steps || (!flat && levels[n] > most_levels)) {
                return fail(errc::too_large, "schema: ", levels[n],
                            " levels are too deep for this output; use flag");
            }
        }
        return {};
    }

    /// A tree of units. Condensed: what is neither an error nor an annotation is left out, and a
    /// unit with one child alone is that child.
    [[nodiscard]] auto nested(bool valid, bool condensed) const -> boost::json::value
    {
        std::vector<array> below(notes_.size());
        auto const chosen = valid ? kept() : notes_.wrong();
        for (auto n = notes_.size(); n-- > 0;) {
            if (condensed && !chosen[n]) {
                continue;
            }
            auto& children = below[n];
            std::reverse(children.begin(), children.end());
            auto const note = notes_[n].valid ? annotation(n) : std::nullopt;
            auto const wrong = notes_.is_own_error(n);
            auto made = boost::json::value();
            if (condensed && !note && !wrong && children.size() <= 1 && n != 0) {
                if (children.empty()) {
                    continue;
                }
                made = std::move(children[0]);
            } else {
                auto one = unit(n);
                if (note) {
                    one["annotation"] = *note;
                }
                if (wrong) {
                    one["error"] = message(n);
                }
                if (!children.empty()) {
                    one[notes_[n].valid ? "annotations" : "errors"] = std::move(children);
                }
                made = std::move(one);
            }
            if (n == 0) {
                return made;
            }
            below[notes_[n].parent].push_back(std::move(made));
        }
        return boost::json::value(object{{"valid", valid}});
    }

    /// A schema that was applied, with what its keywords say, by name.
    [[nodiscard]] auto schema_unit(std::uint32_t n) const -> object
    {
        object errors;
        object annotations;
        for_each_child(n, [&](std::uint32_t k) {
            if (!notes_[k].is_keyword) {
                return;
            }
            auto const& i = notes_.code(k);
            auto const name = i.op == opcode::never        ? std::string_view("false")
                              : i.word == keyword::unknown ? p_.names[i.b]
                                                           : name_of(i.word);
            if (notes_.is_own_error(k)) {
                errors[name] = message(k);
            } else if (auto note = annotation(k)) {
                annotations[name] = std::move(*note);
            }
        });
        object one{{"valid", notes_[n].valid},
                   {"evaluationPath", notes_.keyword_location(n)},
                   {"schemaLocation", notes_.absolute_location(n)},
                   {"instanceLocation", notes_.instance_location(n)}};
        if (!errors.empty()) {
            one["errors"] = std::move(errors);
        }
        if (!annotations.empty()) {
            one[notes_[n].valid ? "annotations" : "droppedAnnotations"] = std::move(annotations);
        }
        return one;
    }

    [[nodiscard]] auto list(bool valid) const -> boost::json::value
    {
        array units;
        for (std::uint32_t n = 0; n < notes_.size(); ++n) {
            if (!notes_[n].is_keyword) {
                units.push_back(schema_unit(n));
            }
        }
        return object{{"valid", valid}, {"details", std::move(units)}};
    }

    [[nodiscard]] auto hierarchical() const -> boost::json::value
    {
        std::vector<array> below(notes_.size());
        for (auto n = notes_.size(); n-- > 0;) {
            if (notes_[n].is_keyword) {
                continue;
            }
            auto one = schema_unit(n);
            std::reverse(below[n].begin(), below[n].end());
            if (!below[n].empty()) {
                one["details"] = std::move(below[n]);
            }
            if (n == 0) {
                return boost::json::value(std::move(one));
            }
            below[notes_[notes_[n].parent].parent].push_back(std::move(one));
        }
        return boost::json::value();
    }

    program const& p_;
    report const& notes_;
    std::vector<std::uint32_t> first_, next_; ///< of a note's children
};

} // namespace detail
} // namespace haiga::schema
