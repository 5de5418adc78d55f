#pragma once

#include "haiga/schema/pattern.hpp"
#include "haiga/schema/unique.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <deque>
#include <vector>

namespace haiga::schema {

/// A block that is being applied to a value, and how far it has come.
struct evaluation_frame {
    boost::json::value const* instance = nullptr;
    std::uint32_t at = 0, end = 0; ///< in code
    std::uint32_t block = 0;
    std::uint32_t index = 0, sub = 0; ///< of the instruction at `at`: what comes next
    std::uint32_t count = 0;          ///< and what has been found
    std::uint32_t marks = static_cast<std::uint32_t>(-1); ///< first word of the marks
    std::uint32_t in_place = 0;                           ///< frames below it of the same instance
    std::uint32_t note = 0, keyword_note = 0;             ///< in reports
    bool owns_marks = false, passes_marks_on = false;
    bool matched = false;                        ///< some pattern has
    bool failed = false, keyword_failed = false; ///< in reports, which go on
};

/// What a report remembers: a schema that was applied, or a keyword of one that was judged.
struct evaluation_note {
    boost::json::value const* instance;
    std::uint32_t parent;      ///< note
    std::uint32_t block;       ///< the schema, or the keyword's
    std::uint32_t instruction; ///< the keyword; of a schema: the keyword that applied it
    std::uint32_t child;       ///< of a schema: which one of that keyword's
    std::uint32_t step;        ///< of a schema: the member or element that it was applied to
    std::uint32_t count;       ///< of a keyword: how many matched
    bool is_keyword, valid;
};

/// What evaluation keeps between two values, so that it allocates nothing the second time.
struct evaluation_scratch {
    std::vector<evaluation_frame> frames;  ///< as many as were ever needed
    std::vector<std::uint64_t> marks;      ///< bits of members or elements that were evaluated
    std::vector<std::uint32_t> scope;      ///< resources that were entered, outermost first
    std::vector<std::uint32_t> scope_uses; ///< by resource
    unique_scratch unique;
    pattern_scratch patterns;
    boost::json::value name =
        boost::json::value(boost::json::string_kind); ///< of a member, as a value
    std::string text;
    std::vector<evaluation_note> notes;
    std::deque<boost::json::value> names; ///< that notes speak of
};

} // namespace haiga::schema
