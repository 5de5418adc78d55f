#pragma once

#include "haiga/device/cpu/workspace.hpp"
#include "haiga/device/plan.hpp"

namespace haiga::device {

/// The kinds of op that a program may meet.
template <op... Ops>
struct op_list {
};

namespace detail {

template <class B, class Op>
concept runs = requires(B& b, Op const& o, arguments const& a)
{
    run(b, o, a);
};

template <class B, class Op>
void run_op(B& b, attributes const& attrs, arguments const& args)
{
    if constexpr (std::derived_from<B, workspace> && runs<workspace, Op>) {
        run(static_cast<workspace&>(b), attrs.as<Op>(), args);
    } else {
        run(b, attrs.as<Op>(), args);
    }
}

} // namespace detail

/// The flat buffers that outlive a run; gradients may be null for a graph without a backward pass.
struct flat_buffers {
    void* parameters = nullptr;
    void* gradients = nullptr;
};

/// A graph bound to a backend and to memory: every op resolved to a function, every operand to an
/// address. run() replays it and allocates nothing.
template <backend B>
class program {
public:
    /// Errors: out_of_memory if the arena cannot be had. An op that is not in the list, or that
    /// the backend cannot run, is a caller's bug.
    template <op... Ops>
    static auto make(B& b, graph const& g, flat_buffers buffers, op_list<Ops...> ops)
        -> result<program>
    {
        auto const p = plan(g);
        HAIGA_TRY(auto arena, b.allocate(p.arena_bytes));
        program made(b, std::move(arena));
        made.resolve_views(g, p, buffers);
        for (std::size_t i = 0; i < g.records().size(); ++i) {
            if (p.live[i] != 0 && !g.records()[i].op->is_view) {
                made.bind(g.records()[i], ops);
            }
        }
        return made;
    }

    void run()
    {
        for (auto const& s : steps_) {
            s.run(*backend_, s.attrs, arguments{in_of(s), out_of(s)});
        }
    }

    /// As run(), telling before(name) and after() around every step: for profiles.
    template <class Before, class After>
    void run(Before const& before, After const& after)
    {
        for (auto const& s : steps_) {
            before(s.name);
            s.run(*backend_, s.attrs, arguments{in_of(s), out_of(s)});
            after();
        }
    }

    /// Where a value lies: inputs before a run, kept values after it.
    [[nodiscard]] auto view(value v) const -> any_view { return views_.at(graph::index(v)); }
    [[nodiscard]] auto arena_bytes() const -> std::size_t { return arena_.size(); }

private:
    struct step {
        void (*run)(B&, attributes const&, arguments const&) = nullptr;
        std::string_view name = {};
        attributes attrs = {};
        std::size_t first = 0, inputs = 0, outputs = 0; ///< positions in operands_
    };

    program(B& b, typename B::memory arena) : backend_(&b), arena_(std::move(arena)) {}

    void resolve_views(graph const& g, memory_plan const& p, flat_buffers buffers)
    {
        auto const at = [](void* base, std::size_t offset) {
            return base == nullptr ? nullptr : static_cast<std::byte*>(base) + offset;
        };
        for (std::size_t v = 0; v < g.values().size(); ++v) {
            auto const& info = g.values()[v];
            auto const kind = p.places[v];
            void* const base = kind == role::parameter  ? buffers.parameters
                               : kind == role::gradient ? buffers.gradients
                                                        : arena_.data();
            views_.emplace_back(at(base, p.offsets[v]), info.type, info.shape);
        }
    }

    template <op... Ops>
    void bind(record const& r, op_list<Ops...>)
    {
        step s{.name = r.op->name,
               .attrs = r.attrs,
               .first = operands_.size(),
               .inputs = r.in.size(),
               .outputs = r.out.size()};
        (void)((r.op == &info_of<Ops> ? (s.run = runner<Ops>(), true) : false) || ...);
        HAIGA_CHECK(s.run != nullptr, "op ", r.op->name, " on ", B::name);
        for (auto const* const side : {&r.in, &r.out}) {
            for (auto const v : *side) {
                operands_.push_back(v == value::none ? any_view{} : view(v));
            }
        }
        steps_.push_back(s);
    }

    /// Null where the backend has no way to run the op.
    template <op Op>
    static auto runner() -> decltype(step::run)
    {
        if constexpr (detail::runs<B, Op>) {
            return &detail::run_op<B, Op>;
        } else {
            return nullptr;
        }
    }

    auto in_of(step const& s) const -> std::span<any_view const>
    {
        return std::span(operands_).subspan(s.first, s.inputs);
    }
    auto out_of(step const& s) const -> std::span<any_view const>
    {
        return std::span(operands_).subspan(s.first + s.inputs, s.outputs);
    }

    B* backend_;
    typename B::memory arena_;
    std::vector<any_view> views_;
    std::vector<any_view> operands_;
    std::vector<step> steps_;
};

} // namespace haiga::device
