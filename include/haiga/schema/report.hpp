#pragma once

#include "haiga/json/pointer.hpp"
#include "haiga/schema/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haiga::schema {

/// One thing that is wrong with a value.
struct violation {
    std::string instance;          ///< JSON pointer to what is wrong
    std::string keyword_location;  ///< the way through the schema, references included
    std::string absolute_location; ///< of the keyword: URI and pointer
    description what;
    std::optional<std::size_t> offset = {}; ///< of text: where the value begins

    [[nodiscard]] auto message() const -> std::string
    {
        return concat("expected ", what.expected, ", found ", what.found);
    }
};

/// Reads what an evaluation noted. Notes lie in the order in which they were taken, each behind the
/// one that it belongs to.
class report {
public:
    report(program const& p, std::vector<evaluation_note> const& notes) : p_(p), notes_(notes) {}

    [[nodiscard]] auto size() const -> std::uint32_t
    {
        return static_cast<std::uint32_t>(notes_.size());
    }
    [[nodiscard]] auto operator[](std::uint32_t n) const -> evaluation_note const&
    {
        return notes_[n];
    }

    /// The keyword of a keyword's note, or the one that applied a schema.
    [[nodiscard]] auto code(std::uint32_t n) const -> instruction const&
    {
        return p_.code[notes_[n].instruction];
    }

    /// Whether a keyword does not hold by itself, rather than because of what it applies.
    [[nodiscard]] auto is_own_error(std::uint32_t n) const -> bool
    {
        auto const& note = notes_[n];
        if (!note.is_keyword || note.valid) {
            return false;
        }
        auto const op = code(n).op;
        return op <= opcode::last_leaf || op == opcode::any_of || op == opcode::one_of ||
               op == opcode::negation || op == opcode::contains;
    }

    /// Whether what is wrong in a schema is what is wrong with the keyword that applied it: not for
    /// the condition of `if`, nor for what `contains` and `not` tried.
    [[nodiscard]] auto counts(std::uint32_t n) const -> bool
    {
        auto const& note = notes_[n];
        if (note.is_keyword || note.parent == none) {
            return true;
        }
        auto const op = code(n).op;
        return !(op == opcode::conditional && note.child == 0) && op != opcode::contains &&
               op != opcode::negation;
    }

    /// Which notes tell what is wrong: they and all above them do not hold.
    [[nodiscard]] auto wrong() const -> std::vector<bool>
    {
        std::vector<bool> shown(notes_.size(), false);
        for (std::uint32_t n = 0; n < size(); ++n) {
            auto const& note = notes_[n];
            shown[n] = !note.valid && (note.parent == none || shown[note.parent]) && counts(n);
        }
        return shown;
    }

    /// What a schema is called below the keyword that applied it: "/allOf/0".
    [[nodiscard]] auto step_path(std::uint32_t n) const -> std::string
    {
        auto const& note = notes_[n];
        auto const& i = code(n);
        std::string path = "/";
        if (i.op == opcode::conditional) {
            return note.child == 0 ? "/if" : note.child == 1 ? "/then" : "/else";
        }
        path.append(name_of(i.word));
        switch (i.op) {
        case opcode::all_of:
        case opcode::any_of:
        case opcode::one_of:
        case opcode::prefix_items: return path + '/' + std::to_string(note.child);
        case opcode::properties:
            json::append_token(path, p_.names[p_.objects[i.a].names.begin + note.child]);
            return path;
        case opcode::pattern_properties:
            json::append_token(
                path, p_.names[p_.pattern_slots[p_.objects[i.a].patterns + note.child].source]);
            return path;
        case opcode::dependent_schemas:
            json::append_token(path, p_.names[p_.dependents[i.a + note.child].name]);
            return path;
        default: return path;
        }
    }

    [[nodiscard]] auto keyword_location(std::uint32_t n) const -> std::string
    {
        std::vector<std::string> steps;
        if (notes_[n].is_keyword) {
            steps.push_back(own_path(n));
            n = notes_[n].parent;
        }
        while (notes_[n].parent != none) { // a schema, below a keyword of another
            steps.push_back(step_path(n));
            n = notes_[notes_[n].parent].parent;
        }
        return reversed(steps);
    }

    [[nodiscard]] auto absolute_location(std::uint32_t n) const -> std::string
    {
        auto text = schema::absolute_location(p_, notes_[n].block);
        return notes_[n].is_keyword ? text + own_path(n) : text;
    }

    [[nodiscard]] auto instance_location(std::uint32_t n) const -> std::string
    {
        std::vector<std::string> steps;
        for (; n != none; n = notes_[n].parent) {
            if (notes_[n].step != none) {
                steps.push_back(step_of(n));
            }
        }
        return reversed(steps);
    }

    [[nodiscard]] auto violation_at(std::uint32_t n) const -> violation
    {
        return {instance_location(n), keyword_location(n), absolute_location(n), describe_at(n)};
    }

    /// As describe(), with what a schema that allows nothing means where it stands.
    [[nodiscard]] auto describe_at(std::uint32_t n) const -> description
    {
        auto const above = notes_[n].parent;
        if (code(n).op != opcode::never || above == none || notes_[above].parent == none) {
            return describe(p_, notes_[n]);
        }
        auto const& by = code(above);
        auto const& holder = *notes_[notes_[above].parent].instance;
        if (holder.is_object() && notes_[above].step != none) {
            return {by.op == opcode::additional_properties ? allowed_names(by)
                                                           : std::string("no such property"),
                    detail::quoted(holder.get_object().begin()[notes_[above].step].key())};
        }
        if (holder.is_array() && notes_[above].step != none) {
            return {concat("at most ", detail::counted(notes_[above].step, "element", "elements")),
                    std::to_string(holder.get_array().size())};
        }
        return describe(p_, notes_[n]);
    }

    /// What is wrong, at most `most` things, in the order of the schema; fewer where it lies so
    /// deep that the pointers to it take more than `most_text` bytes.
    [[nodiscard]] auto violations(std::size_t most,
                                  std::size_t most_text = std::size_t{1} << 24U) const
        -> std::vector<violation>
    {
        std::vector<violation> all;
        auto const shown = wrong();
        std::size_t text = 0;
        for (std::uint32_t n = 0; n < size() && all.size() < most && text < most_text; ++n) {
            if (shown[n] && is_own_error(n)) {
                all.push_back(violation_at(n));
                text += all.back().instance.size() + all.back().keyword_location.size();
            }
        }
        return all;
    }

private:
    [[nodiscard]] auto own_path(std::uint32_t n) const -> std::string
    {
        auto const& i = code(n);
        if (i.op == opcode::never) {
            return {};
        }
        std::string path;
        json::append_token(path, i.word == keyword::unknown ? p_.names[i.b] : name_of(i.word));
        return path;
    }

    /// A schema's member or element, as a step of a pointer.
    [[nodiscard]] auto step_of(std::uint32_t n) const -> std::string
    {
        auto const& holder = *notes_[notes_[n].parent].instance;
        std::string step;
        if (auto const* const object = holder.if_object()) {
            json::append_token(step, object->begin()[notes_[n].step].key());
            return step;
        }
        return '/' + std::to_string(notes_[n].step);
    }

    [[nodiscard]] auto allowed_names(instruction const& i) const -> std::string
    {
        auto const& plan = p_.objects[i.a];
        std::vector<std::string> names;
        for (std::uint32_t k = 0; k < plan.names.count; ++k) {
            if (p_.slots[plan.slots + k].block != none) {
                names.push_back(detail::quoted(p_.names[plan.names.begin + k]));
            }
        }
        return names.empty() ? "no properties"
                             : "only the properties " + detail::joined(names, " and ", 30);
    }

    static auto reversed(std::vector<std::string> const& steps) -> std::string
    {
        std::string text;
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            text.append(*step);
        }
        return text;
    }

    program const& p_;
    std::vector<evaluation_note> const& notes_;
};

} // namespace haiga::schema
