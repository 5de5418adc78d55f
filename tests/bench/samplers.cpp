// What a step of every scheduler costs, on a latent of one picture of 512 px, beside Diffusers;
// what part of a UNet call that is, if ./dev bench unet has run before; and that no step takes
// memory. A step that takes noise has it drawn within the time, here and there.

#include "tests/bench/support/contest.hpp"

#include "haiga/base/torch_generator.hpp"
#include "haiga/io/mapped_file.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/sched/sampler_names.hpp"

#include <atomic>
#include <iostream>
#include <new>

namespace {

std::atomic<long> allocations{0};

} // namespace

// Not inlined: GCC 12 would see a free where it knows of a new.
[[gnu::noinline]] auto operator new(std::size_t bytes) -> void*
{
    ++allocations;
    if (void* const p = std::malloc(std::max<std::size_t>(bytes, 1))) {
        return p;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace haiga::bench {
namespace {

constexpr int steps = 20;
constexpr std::size_t elements = std::size_t{4} * 64 * 64;

/// A sampler by our name, and the class that Diffusers has for it with what tells it apart there.
struct contender {
    std::string_view name, peer;
    boost::json::object options = {};
};

auto contenders() -> std::vector<contender>
{
    return {{"ddpm", "DDPMScheduler"},
            {"ddim", "DDIMScheduler"},
            {"euler", "EulerDiscreteScheduler"},
            {"euler_a", "EulerAncestralDiscreteScheduler"},
            {"heun", "HeunDiscreteScheduler"},
            {"lms", "LMSDiscreteScheduler"},
            {"plms", "PNDMScheduler", {{"skip_prk_steps", true}}},
            {"dpm2", "KDPM2DiscreteScheduler"},
            {"dpm2_a", "KDPM2AncestralDiscreteScheduler"},
            {"dpmpp_2m", "DPMSolverMultistepScheduler"},
            {"dpmpp_3m_sde",
             "DPMSolverMultistepScheduler",
             {{"algorithm_type", "sde-dpmsolver++"}, {"solver_order", 3}}},
            {"dpmpp_2s", "DPMSolverSinglestepScheduler"},
            {"dpmpp_sde", "DPMSolverSDEScheduler"},
            {"deis", "DEISMultistepScheduler"},
            {"unipc", "UniPCMultistepScheduler"},
            {"lcm", "LCMScheduler"},
            {"tcd", "TCDScheduler"},
            {"edm_euler", "EDMEulerScheduler"},
            {"edm_dpmpp_2m", "EDMDPMSolverMultistepScheduler"},
            {"flow_euler", "FlowMatchEulerDiscreteScheduler"},
            {"flow_heun", "FlowMatchHeunDiscreteScheduler"},
            {"sa_solver", "SASolverScheduler"}};
}

/// A run of one sampler on arrays that stand for the latent and for what a model says.
class sampler_run {
public:
    explicit sampler_run(sched::any_scheduler s)
        : scheduler_(std::move(s)), past_(scheduler_.kept(), elements)
    {
        generator_.fill_normal(output_);
        generator_.fill_normal(noise_);
    }

    /// All steps from a new start.
    void go()
    {
        sample_ = output_;
        for (int i = 0; i < scheduler_.steps(); ++i) {
            if (scheduler_.at(i).takes_noise()) {
                generator_.fill_normal(noise_);
            }
            sched::step(scheduler_, i, sample_, output_, clean_, past_, noise_);
        }
    }
    [[nodiscard]] auto steps() const -> int { return scheduler_.steps(); }

private:
    sched::any_scheduler scheduler_;
    sched::history<float> past_;
    torch_generator generator_{0};
    std::vector<float> sample_ = std::vector<float>(elements), output_ = sample_, clean_ = sample_,
                       noise_ = sample_;
};

/// Microseconds a step.
auto timed(sampler_run& run) -> double
{
    constexpr int runs = 20;
    stopwatch const watch;
    for (int i = 0; i < runs; ++i) {
        run.go();
    }
    return 1000 * watch.elapsed() / (runs * run.steps());
}

/// Errors: those of the scheduler; invalid where a step has taken memory.
auto measure(report& out, contender const& c, std::optional<peer>& other) -> result<double>
{
    HAIGA_TRY(auto const config, sched::named_scheduler_config(c.name));
    HAIGA_TRY(auto scheduler, sched::make_scheduler(config, steps));
    sampler_run run(std::move(scheduler));
    run.go();
    auto const before = allocations.load();
    run.go();
    if (allocations != before) {
        return fail(errc::invalid, c.name, ": ", allocations - before, " allocations in ",
                    run.steps(), " steps");
    }
    std::vector<double> us;
    std::vector<double> them;
    for (int turn = 0; turn < 5; ++turn) {
        us.push_back(timed(run));
        if (other) {
            HAIGA_TRY(auto const answer,
                      other->ask(boost::json::serialize(boost::json::object{
                          {"class", c.peer}, {"options", c.options}, {"steps", steps}})));
            them.push_back(std::atof(answer.c_str()));
        }
    }
    row measured{.name = std::string(c.name), .ours = median(us), .unit = "us"};
    if (other) {
        measured.peer = median(them);
        measured.peer_name = std::string(c.peer);
    }
    out.add(measured);
    return measured.ours;
}

/// Milliseconds of the call that a step is held against, as unet.cpp has left them.
auto unet_call() -> result<double>
{
    HAIGA_TRY(auto const file, io::mapped_file::open("build/bench/unet.json"));
    auto const bytes = file.bytes();
    HAIGA_TRY(auto const document,
              json::parse({reinterpret_cast<char const*>(bytes.data()), bytes.size()}));
    for (auto const& row : document.at("rows").as_array()) {
        if (row.at("case") == "SD 1.5 UNet, 64x64, batch 2: forward, f32") {
            return row.at("ours").to_number<double>();
        }
    }
    return fail(errc::not_found, "build/bench/unet.json has no forward pass in f32");
}

auto measure_all() -> result<>
{
    report out("samplers");
    out.note("one thread, 1x4x64x64, microseconds a step; a ratio above 1: we are ahead; every "
             "step has been watched to take no memory");
    std::optional<peer> other;
    auto started = peer::start({"build/peers/bin/python", "tests/bench/samplers.py"});
    auto const greeting = started ? started->hear() : result<std::string>();
    if (started && greeting) {
        other.emplace(std::move(*started));
        out.note("against " + *greeting);
    } else {
        out.note("no peer (./dev peers installs it)");
    }
    double slowest = 0;
    for (auto const& c : contenders()) {
        if (wanted(std::string(c.name))) {
            HAIGA_TRY(auto const took, measure(out, c, other));
            slowest = std::max(slowest, took);
        }
    }
    if (auto const call = unet_call()) {
        out.note(concat("the slowest step takes ", 0.1 * slowest / *call,
                        " % of a call of SD 1.5's UNet, ", *call, " ms at batch 2"));
    }
    return out.finish();
}

} // namespace
} // namespace haiga::bench

auto main() -> int
{
    auto const done = haiga::bench::measure_all();
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
        return 1;
    }
    return 0;
}
