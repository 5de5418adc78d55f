#pragma once

#include "haiga/device/graph.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace haiga::device {

/// Where everything lies: parameters (and their gradients) in one flat buffer, activations in one
/// arena, reusing memory as soon as its last reader has run.
struct memory_plan {
    static constexpr std::size_t alignment = 64;

    std::vector<std::size_t> parameter_offsets; ///< bytes, by position in graph::parameters()
    std::size_t parameter_bytes = 0;            ///< of the flat buffer; gradients take as much
    std::vector<std::size_t> offsets; ///< bytes, by value; for parameters: in their buffer
    std::vector<role> places;         ///< by value: which buffer its memory is in
    std::size_t arena_bytes = 0;
    std::vector<char> live; ///< by record: whether anything that is kept depends on it
};

namespace detail {

constexpr auto align_up(std::size_t n) -> std::size_t
{
    return (n + memory_plan::alignment - 1) / memory_plan::alignment * memory_plan::alignment;
}

/// A stretch of the arena and when it is occupied.
struct tenant {
    std::size_t bytes = 0;
    std::size_t offset = 0;
    int first = 0; ///< record that writes it first; -1 before all
    int last = 0;  ///< record that reads it last
};

/// Follows views and shared outputs to the value whose memory it is.
class tenancy {
public:
    explicit tenancy(graph const& g, std::vector<char> const& live) : graph_(g), live_(live)
    {
        root_.resize(g.values().size());
        std::iota(root_.begin(), root_.end(), 0);
        tenants_.resize(g.values().size());
        find_lifetimes();
        share_in_place();
    }

    [[nodiscard]] auto root(std::size_t v) const -> std::size_t
    {
        while (root_[v] != v) {
            v = root_[v];
        }
        return v;
    }
    [[nodiscard]] auto tenants() -> std::vector<tenant>& { return tenants_; }

    [[nodiscard]] auto in_arena(std::size_t v) const -> bool
    {
        auto const kind = graph_.values()[v].kind;
        return kind == role::activation || kind == role::input;
    }

private:
    void find_lifetimes()
    {
        auto const end = static_cast<int>(graph_.records().size());
        for (std::size_t v = 0; v < root_.size(); ++v) {
            auto const& info = graph_.values()[v];
            tenants_[v].bytes =
                align_up(static_cast<std::size_t>(info.shape.elements()) * size_of(info.type));
            bool const whole_run = info.kind == role::input || info.keep;
            tenants_[v].first = info.kind == role::input ? -1 : end;
            tenants_[v].last = whole_run ? end : -1;
        }
        for (int i = 0; i < end; ++i) {
            if (live_[static_cast<std::size_t>(i)] == 0) {
                continue;
            }
            auto const& r = graph_.records()[static_cast<std::size_t>(i)];
            if (r.op->is_view) {
                root_[graph::index(r.out[0])] = root(graph::index(r.in[0]));
                touch(r.out[0], graph_.info(r.out[0]).keep ? end : i);
            }
            for (auto const v : r.in) {
                touch(v, i);
            }
            for (auto const v : r.out) {
                touch(v, i);
            }
        }
    }

    void touch(value v, int when)
    {
        if (v != value::none) {
            auto& t = tenants_[root(graph::index(v))];
            t.first = std::min(t.first, when);
            t.last = std::max(t.last, when);
        }
    }

    void share_in_place()
    {
        for (int i = 0; i < static_cast<int>(graph_.records().size()); ++i) {
            auto const& r = graph_.records()[static_cast<std::size_t>(i)];
            for (auto const s : live_[static_cast<std::size_t>(i)] != 0
                                    ? r.op->in_place
                                    : std::span<sharing const>{}) {
                share(r, s, i);
            }
        }
    }

    void share(record const& r, sharing s, int when)
    {
        auto const out = r.out[static_cast<std::size_t>(s.output)];
        auto const in = r.in[static_cast<std::size_t>(s.input)];
        if (out == value::none || in == value::none) {
            return;
        }
        auto const to = graph::index(out);
        auto const from = root(graph::index(in));
        auto const& a = graph_.values()[from];
        auto& t = tenants_[from];
        bool const own = root_[to] == to && graph_.values()[to].kind == role::activation;
        if (own && from != to && a.kind == role::activation && !a.keep && t.last == when &&
            tenants_[to].first == when && t.bytes == tenants_[to].bytes &&
            a.type == graph_.values()[to].type) {
            root_[to] = from;
            t.last = tenants_[to].last;
        }
    }

    graph const& graph_;
    std::vector<char> const& live_;
    std::vector<std::size_t> root_;
    std::vector<tenant> tenants_;
};

/// Largest first, each at the lowest offset that no neighbour in time occupies.
inline auto place(std::vector<tenant*> tenants) -> std::size_t
{
    std::stable_sort(tenants.begin(), tenants.end(),
                     [](auto const* a, auto const* b) { return a->bytes > b->bytes; });
    std::vector<tenant*> placed; // by offset
    std::size_t total = 0;
    for (auto* const t : tenants) {
        std::size_t offset = 0;
        for (auto const* const p : placed) {
            bool const together = p->first <= t->last && t->first <= p->last;
            if (together && p->offset + p->bytes > offset) {
                if (p->offset >= offset + t->bytes) {
                    break;
                }
                offset = p->offset + p->bytes;
            }
        }
        t->offset = offset;
        total = std::max(total, offset + t->bytes);
        placed.insert(
            std::upper_bound(placed.begin(), placed.end(), t,
                             [](auto const* a, auto const* b) { return a->offset < b->offset; }),
            t);
    }
    return total;
}

/// Records that nothing kept and no gradient depends on are not run.
inline auto find_live(graph const& g) -> std::vector<char>
{
    std::vector<char> live(g.records().size(), 0);
    std::vector<char> wanted(g.values().size(), 0);
    for (std::size_t v = 0; v < wanted.size(); ++v) {
        wanted[v] = g.values()[v].keep || g.values()[v].kind == role::gradient;
    }
    for (auto i = g.records().size(); i-- > 0;) {
        auto const& r = g.records()[i];
        for (auto const v : r.out) {
            live[i] = live[i] != 0 || (v != value::none && wanted[graph::index(v)] != 0);
        }
        for (auto const v : r.in) {
            if (live[i] != 0 && v != value::none) {
                wanted[graph::index(v)] = 1;
            }
        }
    }
    return live;
}

} // namespace detail

/// Where each parameter lies in the flat buffer, and how many bytes that has.
inline auto place_parameters(graph const& g) -> std::pair<std::vector<std::size_t>, std::size_t>
{
    std::vector<std::size_t> offsets;
    std::size_t bytes = 0;
    for (auto const& parameter : g.parameters()) {
        offsets.push_back(bytes);
        bytes += detail::align_up(static_cast<std::size_t>(parameter.shape.elements()) *
                                  size_of(g.parameter_type()));
    }
    return {std::move(offsets), bytes};
}

/// Works out lifetimes and places everything. Cost: quadratic in the number of values at worst.
inline auto plan(graph const& g) -> memory_plan
{
    memory_plan p;
    std::tie(p.parameter_offsets, p.parameter_bytes) = place_parameters(g);
    p.live = detail::find_live(g);
    detail::tenancy tenancy(g, p.live);
    std::vector<detail::tenant*> tenants;
    for (std::size_t v = 0; v < g.values().size(); ++v) {
        auto& t = tenancy.tenants()[v];
        if (tenancy.root(v) == v && tenancy.in_arena(v) && t.first <= t.last) {
            tenants.push_back(&t);
        }
    }
    p.arena_bytes = detail::place(std::move(tenants));
    for (std::size_t v = 0; v < g.values().size(); ++v) {
        auto const root = tenancy.root(v);
        auto const& info = g.values()[root];
        p.places.push_back(info.kind);
        p.offsets.push_back(tenancy.in_arena(root)
                                ? tenancy.tenants()[root].offset
                                : p.parameter_offsets[static_cast<std::size_t>(info.parameter)]);
    }
    return p;
}

} // namespace haiga::device
