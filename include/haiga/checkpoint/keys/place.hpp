#pragma once

#include "haiga/base/failure.hpp"
#include "haiga/checkpoint/key_map.hpp"

#include <utility>

namespace haiga::checkpoint {

/// A part of a model under both of its names, as far as they have been spelt out.
struct place {
    std::string
        diffusers; ///< "unet/", "unet/down_blocks.0": a dot or a slash parts it from the next
    std::string original; ///< empty, or without the dot at its end

    [[nodiscard]] auto at(std::string_view in_diffusers, std::string_view in_original) const
        -> place
    {
        return {join(diffusers, in_diffusers), join(original, in_original)};
    }

    /// Of a part that is called the same in both.
    [[nodiscard]] auto at(std::string_view name) const -> place { return at(name, name); }

    [[nodiscard]] auto name(naming n) const -> std::string const&
    {
        return n == naming::diffusers ? diffusers : original;
    }

private:
    static auto join(std::string const& front, std::string_view back) -> std::string
    {
        bool const bare = front.empty() || front.ends_with('/') || back.empty();
        return concat(front, bare ? "" : ".", back);
    }
};

/// What layers have in common: the rows of their parameters, in the order of Diffusers' modules.
class key_rows {
public:
    void add(place const& p, shape const& dims, relation how = relation::same)
    {
        rows_.push_back({p.diffusers, p.original, dims, how});
    }

    void linear(place const& p, std::int64_t in, std::int64_t out, relation how = relation::same)
    {
        add(p.at("weight"), {out, in}, how);
        add(p.at("bias"), {out});
    }

    void linear_without_bias(place const& p, std::int64_t in, std::int64_t out)
    {
        add(p.at("weight"), {out, in});
    }

    void conv(place const& p, std::int64_t in, std::int64_t out, std::int64_t kernel)
    {
        add(p.at("weight"), {out, in, kernel, kernel});
        add(p.at("bias"), {out});
    }

    /// Scale and shift of a normalisation.
    void norm(place const& p, std::int64_t channels)
    {
        add(p.at("weight"), {channels});
        add(p.at("bias"), {channels});
    }

    /// A linear layer that lies in rows of a larger one of the original, whose parameters may have
    /// names of their own, as in_proj_weight.
    void packed_linear(std::string const& diffusers, std::string const& weight,
                       std::string const& bias, std::int64_t row, std::int64_t in, std::int64_t out)
    {
        rows_.push_back({diffusers + ".weight", weight, {out, in}, relation::same, 0, row});
        rows_.push_back({diffusers + ".bias", bias, {out}, relation::same, 0, row});
    }

    void add(key_row row) { rows_.push_back(std::move(row)); }

    [[nodiscard]] auto take() && -> std::vector<key_row> { return std::move(rows_); }

private:
    std::vector<key_row> rows_;
};

} // namespace haiga::checkpoint
