#include "apps/words/derive_strict.hpp"
#include "apps/words/tokens.hpp"
#include "apps/words/validate.hpp"
#include "apps/words/window.hpp"

int main(int argc, char** argv)
try {
    using namespace haiga;
    CLI::App program{"Tokens of texts, JSON by its schema, and the context window."};
    program.require_subcommand(1);
    app::token_options counted, encoded, decoded;
    auto* const count = program.add_subcommand("count", "how many tokens a text has");
    auto* const encode =
        program.add_subcommand("encode", "the numbers of its tokens, a line a text");
    auto* const decode = program.add_subcommand("decode", "the text of numbers");
    counted.declare(*count, true);
    encoded.declare(*encode, true);
    decoded.declare(*decode, false);
    app::validate_options judged;
    auto* const validate = program.add_subcommand("validate", "whether JSON is as a schema says");
    judged.declare(*validate);
    app::strict_options narrowed;
    auto* const strict =
        program.add_subcommand("derive-strict", "a schema as constrained decoding takes it");
    narrowed.declare(*strict);
    app::window_options fitted;
    auto* const window =
        program.add_subcommand("window", "what of a conversation fits, and what it costs");
    fitted.declare(*window);
    try {
        program.parse(argc, argv);
    } catch (CLI::ParseError const& wrong) {
        return program.exit(wrong) == 0 ? 0 : 2;
    }
    std::ios::sync_with_stdio(false);
    auto const as_asked = [](result<>&& done) { return std::move(done).map([] { return true; }); };
    auto const done = count->parsed()      ? as_asked(app::encode_tokens(counted, true))
                      : encode->parsed()   ? as_asked(app::encode_tokens(encoded, false))
                      : validate->parsed() ? app::validate(judged)
                      : strict->parsed()   ? as_asked(app::derive_strict(narrowed))
                      : window->parsed()   ? app::window(fitted)
                                           : as_asked(app::decode_tokens(decoded));
    if (!done) {
        std::cerr << "haiga-words: " << done.error().to_string() << '\n';
    }
    return done && *done ? 0 : 1;
} catch (std::exception const& stopped) {
    std::cerr << "haiga-words: " << haiga::failure_of(stopped).to_string() << '\n';
    return 1;
}
