#pragma once

#include "haiga/schema/pattern/code_points.hpp"

#include <cstdint>
#include <vector>

namespace haiga::schema::regex {

/// What an instruction does. Offsets are relative, so that a counted part is copied as it is.
enum class opcode : std::uint8_t {
    character, ///< one character, code point `number`
    set,       ///< one character of set `number`
    split,     ///< goes on at the next instruction, and at `offset`; flag: `offset` first
    jump,      ///< goes on at `offset`
    text_begin,
    text_end,
    word_boundary, ///< flag: where there is none
    look,          ///< where the look of that `number` holds; flag: where it does not
    match,
    // Only where a search goes back:
    save,       ///< the place into register `number`
    forget,     ///< empties registers from `number` on, `offset` of them
    reference,  ///< the text of group `number`
    loop,       ///< the place where an iteration begins into register `number`
    loop_end,   ///< flag: fails where an iteration since `loop` took nothing
    look_begin, ///< flag: negated; `offset` behind the matching look_end
    look_end,
};

struct instruction {
    opcode op{};
    bool flag = false;
    bool backward = false; ///< takes what is before the place, not what follows
    std::uint32_t number = 0;
    std::int32_t offset = 0;
};

/// The inside of a lookahead or lookbehind, which is decided for all places of a text at once.
struct look_section {
    std::uint32_t start = 0;
    bool behind = false;
};

struct program {
    std::vector<instruction> code; ///< the pattern from 0 to its match, then the looks
    std::vector<code_points> sets;
    std::vector<look_section> looks; ///< those inside of a look come behind it
    std::uint32_t registers = 0;
};

} // namespace haiga::schema::regex
