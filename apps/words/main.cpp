#include "apps/words/tokens.hpp"

int main(int argc, char** argv)
try {
    using namespace haiga;
    CLI::App program{"Tokens of texts."};
    program.require_subcommand(1);
    app::token_options counted, encoded, decoded;
    auto* const count = program.add_subcommand("count", "how many tokens a text has");
    auto* const encode =
        program.add_subcommand("encode", "the numbers of its tokens, a line a text");
    auto* const decode = program.add_subcommand("decode", "the text of numbers");
    counted.declare(*count, true);
    encoded.declare(*encode, true);
    decoded.declare(*decode, false);
    try {
        program.parse(argc, argv);
    } catch (CLI::ParseError const& wrong) {
        return program.exit(wrong) == 0 ? 0 : 2;
    }
    std::ios::sync_with_stdio(false);
    auto const done = count->parsed()    ? app::encode_tokens(counted, true)
                      : encode->parsed() ? app::encode_tokens(encoded, false)
                                         : app::decode_tokens(decoded);
    if (!done) {
        std::cerr << "haiga-words: " << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
} catch (std::exception const& stopped) {
    std::cerr << "haiga-words: " << haiga::failure_of(stopped).to_string() << '\n';
    return 1;
}
