#include "haiga/train/session.hpp"
#include "haiga/train/trainer.hpp"

#include "tests/fuzz/seeds.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/train/tiny.hpp"

#include <cstdlib>
#include <fstream>

// Any bytes as one file of a session, the first byte says which, beside others that are whole; and
// as the text of a recipe or a history, which in a session only bytes with their checksums become.
// A recipe that is read is written as it was and can be traced; a state that is read has one loss
// a step; what is refused is one line.

namespace {

using namespace haiga;
using session = train::session<>;

train::environment const here{"cpu_native", "avx2", "12", 2, "haiga"};

constexpr char const* files[] = {"recipe.json", "state.safetensors", "photos.safetensors"};

/// A whole session, made once, and a folder in which one file of it is replaced.
struct sessions {
    haiga_test::temporary_folder whole, broken;
    std::vector<float> parameters = std::vector<float>(9);

    sessions()
    {
        std::vector<float> const losses(4);
        auto made = session::create(whole.path(), test::tiny_recipe(), test::noisy_photos(2, 8));
        if (!made || !made->save(4, here, parts(), losses)) {
            std::abort();
        }
        restore();
    }
    auto parts() -> std::vector<optim::state_part> { return {{"parameters", parameters}}; }
    void restore() const
    {
        std::filesystem::copy(whole.path(), broken.path(),
                              std::filesystem::copy_options::overwrite_existing);
    }
};

auto all_sessions() -> sessions&
{
    static sessions s;
    return s;
}

/// Whether tracing it takes an instant; larger ones are as good, and slow.
auto is_small(model::unet_config const& c) -> bool
{
    return c.levels() <= 3 && std::ranges::max(c.layers_per_block.values()) <= 2 &&
           std::ranges::max(c.transformer_layers_per_block.values()) <= 2;
}

template <class T>
auto told(result<T> read) -> result<T>
{
    if (!read && !haiga_test::is_one_line(read.error())) {
        std::abort();
    }
    return read;
}

void check_recipe(std::string_view text)
{
    auto const read = told(train::read_recipe(text));
    if (!read) {
        return;
    }
    auto const& r = *read;
    auto const written = train::to_json(r);
    auto const again = train::recipe_from_json(written);
    if (!again || train::to_json(*again) != written) {
        std::abort();
    }
    if (is_small(r.model.unet)) {
        static_cast<void>(train::trace_step(r));
    }
}

void check_state(session const& s)
{
    auto const state = told(s.state());
    if (!state || !*state) {
        return;
    }
    static_cast<void>(train::difference((*state)->environment(), {}));
    auto const losses = told(s.restore(**state, all_sessions().parts()));
    if (losses && std::ssize(*losses) != (*state)->steps) {
        std::abort();
    }
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    for (char which = 0; which < 3; ++which) {
        auto const file = all_sessions().whole / files[static_cast<std::size_t>(which)];
        auto const bytes = io::read_file(file, 1 << 20).value();
        std::vector<unsigned char> seed{static_cast<unsigned char>(which)};
        for (auto const byte : bytes) {
            seed.push_back(std::to_integer<unsigned char>(byte));
        }
        haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, file.filename(), seed);
    }
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    if (size == 0) {
        return 0;
    }
    auto& all = all_sessions();
    auto const file = all.broken / files[data[0] % std::size(files)];
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<char const*>(data + 1), static_cast<std::streamsize>(size - 1));
    if (auto const s = told(session::open(all.broken.path()))) {
        check_state(*s);
        static_cast<void>(told(s->photos()));
    }
    auto const text = as_text(std::as_bytes(std::span(data + 1, size - 1)));
    check_recipe(text);
    static_cast<void>(told(train::history_from(text)));
    all.restore();
    return 0;
}
