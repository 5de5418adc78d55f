#include "apps/convert/options.hpp"

#include "haiga/base/progress.hpp"
#include "haiga/checkpoint/compare_models.hpp"
#include "haiga/checkpoint/convert_lora.hpp"
#include "haiga/checkpoint/inspect.hpp"

#include <iostream>

namespace haiga::app {
namespace {

/// A line a second on standard error, in megabytes.
auto show_progress() -> checkpoint::on_progress
{
    using clock = std::chrono::steady_clock;
    constexpr std::uint64_t mega = 1'000'000;
    return [start = clock::now(), meter = std::optional<progress>()](
               std::uint64_t done, std::uint64_t all) mutable -> result<> {
        if (!meter) {
            meter.emplace(static_cast<std::int64_t>(all / mega), start);
        }
        auto const now = clock::now();
        meter->update(static_cast<std::int64_t>(std::min(done, all) / mega), now);
        if (now - start > std::chrono::seconds(1) && meter->due(now)) {
            std::cerr << "MB " << meter->line(now) << '\n';
        }
        return {};
    };
}

auto convert(convert_options const& o) -> result<>
{
    constexpr std::uint64_t largest = 1 << 24;
    auto wanted = o.wanted;
    wanted.input = o.paths[0];
    wanted.output = o.paths[1];
    wanted.verify = !o.skip_verify;
    std::ranges::transform(o.loras, std::back_inserter(wanted.loras), parse_lora);
    if (!o.tokenizer.empty()) {
        HAIGA_TRY(auto const text, io::read_file(o.tokenizer, largest));
        HAIGA_TRY(wanted.tokenizer, catalog::clip_tokenizer_files(as_text(text)));
    }
    HAIGA_TRY(auto const report, checkpoint::convert(wanted, show_progress()));
    for (auto const& [tensor, why] : report.omitted) {
        std::cerr << "left out: " << one_line(tensor.name) << ' ' << tensor.dims << " (" << why
                  << ")\n";
    }
    for (auto const& note : report.notes) {
        std::cerr << "note: " << one_line(note) << '\n';
    }
    return {};
}

auto inspect(convert_options const& o) -> result<>
{
    HAIGA_TRY(auto const told, checkpoint::inspect(o.inspected));
    std::cout << (o.json ? json::pretty(told) : checkpoint::as_report(told)) << '\n';
    return {};
}

auto verify(convert_options const& o) -> result<>
{
    HAIGA_TRY(auto const first, checkpoint::open_model(o.compared[0]));
    HAIGA_TRY(auto const second, checkpoint::open_model(o.compared[1]));
    HAIGA_TRY(auto const found, checkpoint::first_difference(first, second));
    if (found) {
        return fail(errc::mismatch, "not the same model: ", *found);
    }
    std::cout << "the same model\n";
    return {};
}

auto run(convert_options const& o) -> result<>
{
    return !o.inspected.empty() ? inspect(o) : !o.compared.empty() ? verify(o) : convert(o);
}

} // namespace
} // namespace haiga::app

int main(int argc, char** argv)
try {
    using namespace haiga;
    CLI::App program{"Converts Stable Diffusion models between single files and folders."};
    app::convert_options options;
    options.declare(program);
    try {
        program.parse(argc, argv);
        if (options.paths.empty() && options.inspected.empty() && options.compared.empty()) {
            throw CLI::RequiredError("INPUT OUTPUT");
        }
    } catch (CLI::ParseError const& wrong) {
        return program.exit(wrong) == 0 ? 0 : 2;
    }
    auto const done = app::run(options);
    if (!done) {
        std::cerr << "haiga-convert: " << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
} catch (std::exception const& stopped) {
    std::cerr << "haiga-convert: " << haiga::failure_of(stopped).to_string() << '\n';
    return 1;
}
