#pragma once

#include "haiga/device/add.hpp"
#include "haiga/device/program.hpp"
#include "haiga/device/reshape.hpp"
#include "tests/backends.hpp"
#include "tests/nn/support/formula.hpp"
#include "tests/sanitized.hpp"

#include <set>

namespace haiga::test {

/// How far a result may be from the formula: in norm, relative to the reference's norm; and each
/// element, relative to its own size plus the root mean square of all.
struct tolerance {
    double in_norm;
    double an_element;
    double least = 0;               ///< root mean square that a reference is at least taken to have
    std::vector<double> terms = {}; ///< as in check_options
};

/// Inputs are rounded to their type before the formula sees them, so what remains is arithmetic:
///   f64:  sums of up to a few thousand terms, each rounded to 2^-53;
///   f32:  the same with 2^-24;
///   bf16: sums in fp32, but what is stored between ops, and a weight where a backend multiplies in
///         bf16, is rounded to 2^-9: three such roundings in norm, eight on an unlucky element.
inline auto tolerance_of(dtype type) -> tolerance
{
    switch (type) {
    case dtype::f64: return {1e-13, 1e-12};
    case dtype::f32: return {16 * 0x1p-24, 128 * 0x1p-24};
    default: return {3 * 0x1p-9, 8 * 0x1p-9};
    }
}

/// What an op whose arithmetic cancels is allowed besides; the call says why.
struct check_options {
    double looser = 1; ///< multiplies all tolerances
    double least = 0;  ///< root mean square that a result is at least taken to have
    /// How many random products an element of the output, and of each gradient, sums: a few such
    /// sums may all come out small, while their errors do not.
    std::vector<double> terms = {};
};

/// An op traced with its backward pass, and the elements of its operands.
struct traced_op {
    device::graph g;
    std::vector<device::value> in = {};
    device::value out = device::value::none;
    device::value seed = device::value::none;
    std::vector<device::value> gradients = {};
    std::vector<std::vector<double>> values = {}; ///< of the operands, as their types hold them
    std::vector<double> seed_values = {};
};

using tracer = std::function<device::value(device::graph&, std::span<device::value const>)>;

inline auto trace_op(dtype storage, tracer const& trace, std::span<operand const> operands)
    -> traced_op
{
    traced_op t{.g = device::graph(storage)};
    for (auto const& o : operands) {
        auto const number = t.in.size();
        switch (o.how) {
        case operand::kind::activation: t.in.push_back(t.g.input(storage, o.shape, true)); break;
        case operand::kind::constant: t.in.push_back(t.g.input(o.type, o.shape)); break;
        case operand::kind::parameter:
            t.in.push_back(t.g.parameter({.name = std::to_string(number), .shape = o.shape}));
        }
        t.values.push_back(
            rounded(draw(o, static_cast<std::uint32_t>(number)), t.g.info(t.in.back()).type));
    }
    t.out = trace(t.g, t.in);
    t.g.keep(t.out);
    auto const info = t.g.info(t.out);
    t.seed = t.g.input(info.type, info.shape);
    t.seed_values = rounded(draw(activation(info.shape), 1000), info.type);
    device::backward_pass back(t.g);
    back.run(t.out, t.seed);
    for (auto const v : t.in) {
        t.gradients.push_back(back.gradient(v));
        if (t.gradients.back() != device::value::none) {
            t.g.keep(t.gradients.back());
        }
    }
    return t;
}

/// Ops of the graph that B has no way to run.
template <device::backend B, device::op... Ops>
auto cannot_run(device::graph const& g, device::op_list<Ops...>) -> std::set<std::string_view>
{
    std::set<std::string_view> names;
    for (auto const& r : g.records()) {
        bool const known = r.op->is_view ||
                           ((r.op == &device::info_of<Ops> && device::detail::runs<B, Ops>) || ...);
        if (!known) {
            names.insert(r.op->name);
        }
    }
    return names;
}

/// Says what is not tested, and why, once a program.
inline void not_run(std::string const& what)
{
    static std::set<std::string> said;
    if (said.insert(what).second) {
        MESSAGE("not run on ", what);
    }
}

/// The output and then the gradients, as bytes; all memory holds NaN before the run.
template <device::backend B, class Ops>
auto run_traced(B& b, traced_op const& t, Ops ops) -> std::vector<std::vector<std::byte>>
{
    auto const p = device::plan(t.g);
    auto const bytes = std::max<std::size_t>(p.parameter_bytes, 1);
    auto const parameters = b.allocate(bytes);
    auto const gradients = b.allocate(bytes);
    REQUIRE(parameters);
    REQUIRE(gradients);
    auto program = device::program<B>::make(b, t.g, {parameters->data(), gradients->data()}, ops);
    REQUIRE(program);

    std::vector<std::byte> const nan(std::max(bytes, p.arena_bytes), std::byte{0xff});
    b.upload(gradients->data(), nan.data(), bytes);
    auto* const arena = static_cast<std::byte*>(program->view(t.seed).data()) -
                        p.offsets[device::graph::index(t.seed)];
    b.upload(arena, nan.data(), p.arena_bytes);
    auto const fill = [&](device::value v, std::span<double const> x) {
        auto const encoded = encode(x, t.g.info(v).type);
        b.upload(program->view(v).data(), encoded.data(), encoded.size());
    };
    for (std::size_t i = 0; i < t.in.size(); ++i) {
        fill(t.in[i], t.values[i]);
    }
    fill(t.seed, t.seed_values);
    program->run();
    REQUIRE(b.synchronize());

    std::vector<std::vector<std::byte>> results;
    auto const read = [&](device::value v) {
        auto& to = results.emplace_back();
        if (v != device::value::none) {
            to.resize(program->view(v).bytes());
            b.download(to.data(), program->view(v).data(), to.size());
        }
    };
    read(t.out);
    for (auto const v : t.gradients) {
        read(v);
    }
    REQUIRE(b.synchronize());
    return results;
}

/// which: 0 the output, then the gradients.
inline void check_close(std::span<double const> got, std::span<double const> wanted,
                        tolerance const& limit, std::size_t which)
{
    REQUIRE(got.size() == wanted.size());
    std::vector<double> difference(got.size());
    double worst = 0;
    auto const root = std::sqrt(std::max(1.0, static_cast<double>(wanted.size())));
    auto const expected = which < limit.terms.size() ? std::sqrt(limit.terms[which]) : 0;
    auto const mean_size = std::max({limit.least, expected, norm(wanted) / root});
    for (std::size_t i = 0; i < got.size(); ++i) {
        difference[i] = got[i] - wanted[i];
        auto const scale = std::abs(wanted[i]) + mean_size;
        auto const error = difference[i] == 0 ? 0 : std::abs(difference[i]) / scale;
        worst = error <= worst ? worst : error; // NaN stays
    }
    CHECK(norm(difference) <= limit.in_norm * mean_size * root);
    CHECK(worst <= limit.an_element);
}

inline void check_results(traced_op const& t, std::vector<std::vector<std::byte>> const& results,
                          reference const& wanted, tolerance const& limit)
{
    {
        INFO("forward");
        check_close(decode(results[0], t.g.info(t.out).type), wanted.values, limit, 0);
    }
    for (std::size_t i = 0; i < t.in.size(); ++i) {
        INFO("gradient of operand ", i);
        bool const expected = !wanted.gradients[i].empty();
        REQUIRE((t.gradients[i] != device::value::none) == expected);
        if (expected) {
            check_close(decode(results[i + 1], t.g.info(t.gradients[i]).type), wanted.gradients[i],
                        limit, i + 1);
        }
    }
}

template <device::backend B, class Ops>
void check_on(traced_op const& t, Ops ops, reference const& wanted, tolerance const& limit)
{
    if (!device::host_backend<B> && t.g.storage() == dtype::f64) {
        return; // f64 is for formulas, which the host checks
    }
    INFO("on ", B::name, ", ", to_string(t.g.storage()));
    if (auto const missing = cannot_run<B>(t.g, ops); !missing.empty()) {
        CHECK_MESSAGE(!device::host_backend<B>, "a host runs every op");
        for (auto const name : missing) {
            not_run(concat(B::name, ": ", name));
        }
        return;
    }
    auto b = open_backend<B>();
    if (!b) {
        not_run(b.error().message);
        return;
    }
    auto const results = run_traced(*b, t, ops);
    check_results(t, results, wanted, limit);
    if constexpr (device::host_backend<B>) {
        if (B::name != "cpu_onednn") { // which cuts work by the number of threads
            auto alone = open_backend<B>({1});
            CHECK_MESSAGE(run_traced(*alone, t, ops) == results, "one thread, other bytes");
        }
    }
}

/// Hosts differ in their products and convolutions alone: under sanitizers, which make compiling
/// and running slow, the other ops run on one of them.
template <device::op... Ops>
constexpr auto backends_for(device::op_list<Ops...>)
{
    constexpr auto multiplies = [](std::string_view name) {
        return name.starts_with("linear") || name.starts_with("conv2d");
    };
#if defined(HAIGA_TEST_SANITIZED)
    constexpr bool everywhere = false;
#else
    constexpr bool everywhere = true;
#endif
    constexpr bool all = everywhere || (multiplies(Ops::name) || ...);
    return std::conditional_t<all, all_backends, backend_list<device::cpu_native>>{};
}

/// Traces an op in graphs of f64, f32 and bf16, runs it on every backend with fresh random
/// operands, and compares its output and all gradients, for a random gradient of the output, with
/// a scalar formula in double precision. On host backends the bytes may not depend on threads.
///
/// trace(graph&, value...) -> value; plain_formula(tensor<Number> const&...) -> tensor<Number>;
/// ops: every op that the trace and its backward pass make, besides add, copy and reshape.
template <device::op... Ops, class Trace, class F, class... Operands>
void check_op(device::op_list<Ops...>, Trace const& trace, F const& plain_formula,
              check_options const& options, Operands const&... given)
{
    using ops = device::op_list<Ops..., device::add_op, device::copy_op>;
    std::array const operands{given...};
    auto const f = formula::of<sizeof...(given)>(plain_formula);
    auto const spread = [&](device::graph& g, std::span<device::value const> in) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) { return trace(g, in[I]...); }
        (std::make_index_sequence<sizeof...(given)>{});
    };
    for (auto const storage : {dtype::f64, dtype::f32, dtype::bf16}) {
        INFO("HAIGA_TEST_SEED=", test_seed());
        auto const t = trace_op(storage, spread, operands);
        auto const wanted = evaluate(f, operands, t.values, [&](shape) { return t.seed_values; });
        auto limit = tolerance_of(storage);
        limit.in_norm *= options.looser;
        limit.an_element *= options.looser;
        limit.least = options.least;
        limit.terms = options.terms;
        [&]<class... Backends>(backend_list<Backends...>) {
            (check_on<Backends>(t, ops{}, wanted, limit), ...);
        }(backends_for(ops{}));
    }
}

} // namespace haiga::test
