#include "haiga/sched/scheduler.hpp"

#include "haiga/sched/config.hpp"
#include "haiga/tensor/tensor.hpp"
#include "tests/archetypes/sched.hpp"
#include "tests/laws/scheduler.hpp"

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xview.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <new>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace haiga::sched;

namespace {

std::atomic<long> allocations{0};

auto allocate(std::size_t bytes, std::size_t alignment) -> void*
{
    ++allocations;
    auto const whole = (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
    if (void* p = std::aligned_alloc(alignment, whole)) {
        return p;
    }
    throw std::bad_alloc();
}

} // namespace

auto operator new(std::size_t bytes) -> void* { return allocate(bytes, alignof(std::max_align_t)); }
auto operator new(std::size_t bytes, std::align_val_t alignment) -> void*
{
    return allocate(bytes, static_cast<std::size_t>(alignment));
}
auto operator new(std::size_t bytes, std::nothrow_t const&) noexcept -> void*
{
    ++allocations;
    return std::malloc(std::max<std::size_t>(bytes, 1));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::nothrow_t const&) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace {

auto make(scheduler_config const& config, int steps) -> any_scheduler
{
    return make_scheduler(config, steps).value();
}

/// Steps with noise and thresholds: everything that a step can do.
auto busy_scheduler() -> any_scheduler
{
    ddpm_options const options{.bound = {.threshold = dynamic_threshold{0.9F, 1.5F}}};
    return make({{}, options}, 5);
}

constexpr std::size_t size = 12;
auto value(std::size_t i) -> float { return 0.3F * static_cast<float>(i) - 1.7F; }

/// Runs on arrays of any kind, set(array, i, x) and get(array, i) reaching their elements.
template <class Array, class Get>
auto run(Array& sample, Array& output, Array& clean, Array& noise, Get const& get)
    -> std::vector<float>
{
    for (std::size_t i = 0; i < size; ++i) {
        get(sample, i) = value(i);
        get(noise, i) = value(size - i);
    }
    auto const s = busy_scheduler();
    long const before = allocations;
    for (int step_number = 0; step_number < s.steps(); ++step_number) {
        for (std::size_t i = 0; i < size; ++i) {
            get(output, i) = 0.5F * get(sample, i);
        }
        step(s, step_number, sample, output, clean, noise, 3);
    }
    CHECK(allocations == before);
    std::vector<float> result;
    for (std::size_t i = 0; i < size; ++i) {
        result.push_back(static_cast<float>(get(sample, i)));
    }
    return result;
}

auto reference() -> std::vector<float>
{
    std::vector<float> a(size), b(size), c(size), d(size);
    return run(a, b, c, d, [](auto& x, std::size_t i) -> float& { return x[i]; });
}

} // namespace

TEST_CASE("every scheduler keeps the law")
{
    check_scheduler(archetypes::scheduler{});
    for (auto const rule : {spacing::linspace, spacing::leading, spacing::trailing}) {
        for (int n : {1, 5, 50}) { // DDIM strides over the end where n does not divide 1000
            for (bool const zero : {false, true}) {
                schedule_config const schedule{.zero_terminal_snr = zero};
                auto const kind = prediction::sample;
                check_scheduler(make({schedule, ddim_options{.kind = kind, .timesteps = rule}}, n));
                check_scheduler(
                    make({schedule, euler_options{.kind = kind, .timesteps = rule}}, n));
                check_scheduler(make({schedule, ddpm_options{.kind = kind, .timesteps = rule}}, n));
            }
        }
    }
}

TEST_CASE("every scheduler of one evaluation a step keeps the law, but those that end with noise")
{
    auto const kind = prediction::sample;
    for (int const n : {1, 5, 50}) {
        CAPTURE(n);
        for (auto const sigmas : {sigma_spacing::of_timesteps, sigma_spacing::karras,
                                  sigma_spacing::exponential, sigma_spacing::beta}) {
            check_scheduler(make({{}, lms_options{.kind = kind, .sigmas = sigmas}}, n));
            check_scheduler(make({{}, euler_ancestral_options{.kind = kind, .sigmas = sigmas}}, n));
            for (int order = 1; order <= 3; ++order) {
                path_options const path{.sigmas = sigmas};
                check_scheduler(make(
                    {{}, dpm_multistep_options{.kind = kind, .path = path, .order = order}}, n));
                check_scheduler(make(
                    {{}, dpm_singlestep_options{.kind = kind, .path = path, .order = order}}, n));
                check_scheduler(
                    make({{}, unipc_options{.kind = kind, .path = path, .order = order}}, n));
            }
        }
        check_scheduler(make({{}, lcm_options{.kind = kind}}, n));
        check_scheduler(make({{}, pndm_options{kind, spacing::leading, 0, true, true}}, n));
        check_scheduler(make({{}, edm_euler_options{.model = {.kind = kind}}}, n));
        check_scheduler(make({{}, edm_dpm_options{.model = {.kind = kind}}}, n));
        check_scheduler(make({{}, flow_euler_options{.path = {.kind = kind}}}, n));
    }
    check_scheduler(make({{}, pndm_options{kind, spacing::leading, 0, false, true}}, 10));
}

TEST_CASE("every scheduler of two stages keeps the law")
{
    auto const kind = prediction::sample;
    for (int const n : {1, 5, 50}) {
        CAPTURE(n);
        for (auto const sigmas : {sigma_spacing::of_timesteps, sigma_spacing::karras}) {
            check_scheduler(make({{}, heun_options{.kind = kind, .sigmas = sigmas}}, n));
            check_scheduler(make({{}, dpm2_options{.kind = kind, .sigmas = sigmas}}, n));
            dpm2_ancestral_options const ancestral{{.kind = kind, .sigmas = sigmas}};
            check_scheduler(make({{}, ancestral}, n), false);
            check_scheduler(make({{}, dpm_sde_options{.kind = kind, .sigmas = sigmas}}, n));
        }
        check_scheduler(make({{}, flow_heun_options{.path = {.kind = kind}}}, n));
    }
}

namespace {

using any_options = decltype(scheduler_config::method);

/// The defaults of every scheduler that there is, and what else has ways of its own.
auto all_configs() -> std::vector<scheduler_config>
{
    std::vector<scheduler_config> configs;
    [&]<std::size_t... I>(std::index_sequence<I...>)
    {
        (configs.push_back({{}, std::variant_alternative_t<I, any_options>{}}), ...);
    }
    (std::make_index_sequence<std::variant_size_v<any_options>>{});
    limit const bound{.threshold = dynamic_threshold{0.9F, 1.5F}};
    for (auto const& options : std::initializer_list<any_options>{
             ddpm_options{.bound = bound}, ddim_options{.eta = 1, .use_clipped_output = true},
             euler_options{.churn = 3}, pndm_options{.skip_prk_steps = true},
             dpm_multistep_options{.bound = bound, .equation = dpm_equation::data_sde, .order = 3},
             dpm_singlestep_options{.equation = dpm_equation::data_sde, .order = 3},
             deis_options{.bound = bound, .order = 3},
             unipc_options{.order = 4, .disable_corrector = {0, 1}}, tcd_options{.eta = 1},
             edm_euler_options{.churn = 3}, edm_dpm_options{.equation = dpm_equation::data_sde},
             flow_euler_options{.stochastic = true}, flow_heun_options{.churn = 3},
             sa_solver_options{.predictor_order = 4, .corrector_order = 4}}) {
        configs.push_back({{}, options});
    }
    return configs;
}

} // namespace

TEST_CASE("a step takes no memory, whatever the scheduler")
{
    std::vector<float> sample(200), input(200), output(200), clean(200), noise(200, 0.25F);
    for (auto const& config : all_configs()) {
        auto const method = config.method.index();
        CAPTURE(method);
        auto const s = make(config, 10);
        history<float> past(s.kept(), sample.size());
        std::fill(sample.begin(), sample.end(), s.initial_sigma());
        long const before = allocations;
        for (int i = 0; i < s.steps(); ++i) {
            scale_input(s, i, sample, input);
            std::copy(input.begin(), input.end(), output.begin());
            step(s, i, sample, output, clean, past, noise, 2);
        }
        CHECK(allocations == before);
        CHECK(std::isfinite(sample[0]));
    }
}

TEST_CASE("what is drawn and not used is drawn all the same")
{
    // diffusers' last steps of these multiply noise by 0; flow Heun's second stages drop it
    auto const draws = [](any_options const& options) {
        std::string text;
        auto const s = make({{}, options}, 3);
        for (int i = 0; i < s.steps(); ++i) {
            text += s.at(i).takes_noise() ? '1' : '0';
        }
        return text;
    };
    CHECK(draws(euler_ancestral_options{}) == "111");
    CHECK(draws(ddim_options{.eta = 0.5F}) == "111");
    CHECK(draws(dpm_multistep_options{.equation = dpm_equation::data_sde}) == "111");
    CHECK(draws(flow_euler_options{.stochastic = true}) == "111");
    CHECK(draws(flow_heun_options{.churn = 1}) == "11111");
    CHECK(draws(euler_options{.churn = 1, .churn_noise = 0}) == "111");
    CHECK(draws(lcm_options{}) == "110");
    CHECK(draws(ddpm_options{}) == "110"); // time step 0 draws none
    CHECK(draws(dpm2_ancestral_options{}) == "01010");
    CHECK(draws(dpm_sde_options{}) == "11110");
}

TEST_CASE("a run that begins later looks back at nothing before it")
{
    auto const s = make({{}, dpm_multistep_options{.order = 3}}, 10);
    CHECK(s.at(5).takes_past());
    CHECK(std::ranges::none_of(starting_at(s, 5).at(5).next.past, [](float x) { return x != 0; }));
    CHECK_THROWS_AS((void)starting_at(s, 10), haiga::contract_violation);
    auto const heun = make({{}, heun_options{}}, 10);
    CHECK_THROWS_AS((void)starting_at(heun, 3), haiga::contract_violation);
}

TEST_CASE("a history of another size, or none, is a caller's bug")
{
    std::vector<float> a(4), b(4), c(4), d(4);
    auto const s = make({{}, lms_options{}}, 5);
    history<float> three(s.kept(), 3);
    CHECK_THROWS_AS(step(s, 0, a, b, c, three), haiga::contract_violation);
    CHECK_THROWS_AS(step(s, 0, a, b, c), haiga::contract_violation);
    CHECK_THROWS_AS(history<float>(most_kept + 1, 4), haiga::contract_violation);
}

TEST_CASE("a step takes tensors, views and spans, without allocating")
{
    auto const want = reference();
    auto const at = [](auto& x, std::size_t i) -> float& { return x.flat()[i]; };
    haiga::tensor<float> a({3, 4}), b({3, 4}), c({3, 4}), d({3, 4});
    CHECK(run(a, b, c, d, at) == want);
    auto va = a.view(), vb = b.view(), vc = c.view(), vd = d.view();
    CHECK(run(va, vb, vc, vd, at) == want);
    auto sa = a.flat(), sb = b.flat(), sc = c.flat(), sd = d.flat();
    CHECK(run(sa, sb, sc, sd, [](auto& x, std::size_t i) -> float& { return x[i]; }) == want);
}

TEST_CASE("a step takes xtensor containers, adaptors and views, without allocating")
{
    auto const want = reference();
    using extents = std::vector<std::size_t>;
    xt::xarray<float> a(extents{3, 4}), b(a), c(a), d(a);
    CHECK(run(a, b, c, d, [](auto& x, std::size_t i) -> float& { return x.flat(i); }) == want);

    std::vector<float> storage(4 * size);
    auto const adapted = [&](std::size_t i) {
        return xt::adapt(storage.data() + i * size, size, xt::no_ownership(), extents{3, 4});
    };
    auto pa = adapted(0), pb = adapted(1), pc = adapted(2), pd = adapted(3);
    CHECK(run(pa, pb, pc, pd, [](auto& x, std::size_t i) -> float& { return x(i / 4, i % 4); }) ==
          want);

    xt::xarray<float> wide(extents{3, 16});
    auto const columns = [&](int i) {
        return xt::view(wide, xt::all(), xt::range(4 * i, 4 * i + 4));
    };
    auto wa = columns(0), wb = columns(1), wc = columns(2), wd = columns(3);
    auto const strided =
        run(wa, wb, wc, wd, [](auto& x, std::size_t i) -> float& { return x(i / 4, i % 4); });
    for (std::size_t i = 0; i < size; ++i) { // the compiler fuses products and sums where it likes
        CHECK(strided[i] == doctest::Approx(want[i]).epsilon(1e-6));
    }
}

TEST_CASE("a step takes Eigen arrays, maps and reshaped matrices, without allocating")
{
    auto const want = reference();
    auto const at = [](auto& x, std::size_t i) -> float& {
        return x(static_cast<Eigen::Index>(i));
    };
    Eigen::ArrayXf a(size), b(size), c(size), d(size);
    CHECK(run(a, b, c, d, at) == want);
    std::vector<float> storage(4 * size);
    auto const mapped = [&](std::size_t i) {
        return Eigen::Map<Eigen::ArrayXf>(storage.data() + i * size, size);
    };
    auto ma = mapped(0), mb = mapped(1), mc = mapped(2), md = mapped(3);
    CHECK(run(ma, mb, mc, md, at) == want);
    Eigen::ArrayXXf x(4, 3), y(4, 3), z(4, 3), w(4, 3); // column-major: an image a column
    auto rx = x.reshaped(), ry = y.reshaped(), rz = z.reshaped(), rw = w.reshaped();
    CHECK(run(rx, ry, rz, rw, at) == want);
    Eigen::ArrayXXf rows(4, size); // rows of a column-major array are not contiguous
    auto r0 = rows.row(0), r1 = rows.row(1), r2 = rows.row(2), r3 = rows.row(3);
    CHECK(run(r0, r1, r2, r3, at) == want);
}

TEST_CASE("sizes that differ and noise that is missing are a caller's bug")
{
    std::vector<float> three(3), four(4);
    auto const s = busy_scheduler();
    CHECK_THROWS_AS(step(s, 0, three, four, three, three), haiga::contract_violation);
    CHECK_THROWS_AS(step(s, 0, three, three, three), haiga::contract_violation);
    CHECK_THROWS_AS(step(s, 0, four, four, four, four, 3), haiga::contract_violation);
    CHECK_THROWS_AS(step(s, 5, three, three, three, three), haiga::contract_violation);
    CHECK_THROWS_AS(add_noise({}, three, four, three), haiga::contract_violation);
}
