#pragma once

#include "haiga/schema/compile.hpp"
#include "haiga/schema/evaluate.hpp"
#include "haiga/schema/locate.hpp"
#include "haiga/schema/output.hpp"
#include "haiga/schema/repair.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace haiga::schema {

/// Judges values by a program, with what it keeps between them: one a thread.
///
/// Errors, of all members: too_large where a value takes more steps than the limits allow; what a
///         pattern's engine says.
class validator {
public:
    /// `p` must live as long as this does.
    explicit validator(program const& p, evaluation_limits limits = {}) : p_(&p), limits_(limits) {}

    /// Whether a value is valid. Allocates nothing once it has seen values as large.
    auto accepts(boost::json::value const& v) -> result<bool>
    {
        return detail::evaluator<tracking::verdict>(*p_, scratch_, limits_).run(v);
    }

    /// What is wrong with a value, in the order of the schema; nothing where it is valid. Beside
    /// anyOf and oneOf stands what is wrong in each of their branches.
    auto violations(boost::json::value const& v, std::size_t most = 1000)
        -> result<std::vector<violation>>
    {
        HAIGA_TRY_VOID(note_errors(v));
        return report(*p_, scratch_.notes).violations(most);
    }

    /// The same for the text that v was read from, with the byte at which each value begins.
    auto violations(boost::json::value const& v, std::string_view text, std::size_t most = 1000)
        -> result<std::vector<violation>>
    {
        HAIGA_TRY(auto found, violations(v, most));
        std::vector<std::string> pointers;
        for (auto const& one : found) {
            pointers.push_back(one.instance);
        }
        auto const offsets = locate(text, pointers);
        for (std::size_t i = 0; i < found.size(); ++i) {
            found[i].offset = offsets[i];
        }
        return found;
    }

    /// A message for a model, as repair_message() says; empty where the value is valid.
    auto repair(boost::json::value const& v, std::size_t most = 8) -> result<std::string>
    {
        HAIGA_TRY_VOID(note_errors(v));
        return repair_message(report(*p_, scratch_.notes), most);
    }

    /// The verdict as the standard writes it down.
    /// Errors: also too_large where a nested format would go too deep.
    auto output(boost::json::value const& v, output_format format) -> result<boost::json::value>
    {
        if (format == output_format::flag) {
            HAIGA_TRY(auto const valid, accepts(v));
            return boost::json::value(boost::json::object{{"valid", valid}});
        }
        HAIGA_TRY(auto const valid,
                  detail::evaluator<tracking::everything>(*p_, scratch_, limits_).run(v));
        report const notes(*p_, scratch_.notes);
        return detail::output_writer(*p_, notes).write(format, valid);
    }

private:
    auto note_errors(boost::json::value const& v) -> result<>
    {
        HAIGA_TRY(auto const valid,
                  detail::evaluator<tracking::errors>(*p_, scratch_, limits_).run(v));
        static_cast<void>(valid);
        return {};
    }

    program const* p_;
    evaluation_limits limits_;
    evaluation_scratch scratch_;
};

} // namespace haiga::schema
