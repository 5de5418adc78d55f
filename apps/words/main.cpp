#include "apps/words/window.hpp"

namespace haiga::app {
namespace {

/// Exit status 0 for yes, 1 for no and for bad input.
auto finish(result<bool> const& done) -> int
{
    if (!done) {
        std::cerr << "haiga-words: " << done.error().to_string() << '\n';
    }
    return done && *done ? 0 : 1;
}

} // namespace
} // namespace haiga::app

int main(int argc, char** argv)
try {
    using namespace haiga;
    CLI::App program{"Tokens, schemas and context windows of language models."};
    program.require_subcommand(1);
    app::window_options window;
    auto* const windows =
        program.add_subcommand("window", "what of a conversation fits, and what it costs");
    window.declare(*windows);
    try {
        program.parse(argc, argv);
    } catch (CLI::ParseError const& wrong) {
        return program.exit(wrong) == 0 ? 0 : 2;
    }
    return app::finish(app::window(window));
} catch (std::exception const& stopped) {
    std::cerr << "haiga-words: " << haiga::failure_of(stopped).to_string() << '\n';
    return 1;
}
