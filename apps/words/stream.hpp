#pragma once

#include "haiga/schema/stream.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace haiga::app {

/// Judges JSON while it arrives. Reads no further than the byte that decides, and says why.
inline auto validate_stream(schema::program const& p, std::istream& in, std::ostream& out)
    -> result<bool>
{
    schema::stream_validator stream(p, {.max_depth = 1000});
    auto state = stream.state();
    for (char byte = 0; state != schema::stream_state::failed &&
                        state != schema::stream_state::refused && in.get(byte);) {
        state = stream.feed({&byte, 1});
    }
    state = stream.finish();
    if (state == schema::stream_state::refused) {
        return fail(errc::too_large, stream.why()->message());
    }
    if (stream.why()) {
        out << one_line(stream.why()->message());
        if (!stream.why()->schema.empty()) {
            out << one_line(concat(" [", stream.why()->schema, "]"));
        }
        out << '\n';
    }
    return state == schema::stream_state::complete;
}

/// A file, or standard input where none is given; what is wrong goes to standard output.
inline auto validate_stream(schema::program const& p, std::filesystem::path const& file)
    -> result<bool>
{
    if (file.empty()) {
        return validate_stream(p, std::cin, std::cout);
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return fail(errc::io, file.string(), ": cannot be opened");
    }
    return validate_stream(p, in, std::cout);
}

} // namespace haiga::app
