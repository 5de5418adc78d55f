#pragma once

#include "haiga/tensor/shape.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::checkpoint {

/// The two ways to name and cut the tensors of a model: the folder of Diffusers, and the single
/// file of those who first published it.
enum class naming : std::uint8_t { diffusers, original };

/// How the original holds the values of a tensor of Diffusers.
enum class relation : std::uint8_t {
    same,
    conv_1x1,   ///< as a convolution: two more axes of extent 1
    transposed, ///< of two axes
};

/// A line of a key map: a block of rows that has a place in a tensor of either naming. Almost
/// always the block is all of both tensors.
struct key_row {
    std::string diffusers; ///< "unet/conv_in.weight": the component, and the name in its file
    std::string original;
    shape dims; ///< of the block, in Diffusers' arrangement
    relation how = relation::same;
    std::int64_t diffusers_row = 0; ///< where the block begins, along the first axis
    std::int64_t original_row = 0;

    [[nodiscard]] auto name(naming n) const -> std::string const&
    {
        return n == naming::diffusers ? diffusers : original;
    }
    [[nodiscard]] auto row(naming n) const -> std::int64_t
    {
        return n == naming::diffusers ? diffusers_row : original_row;
    }

    friend auto operator==(key_row const&, key_row const&) -> bool = default;
};

/// Tensors of one naming that the other has no place for: those of this name or, where it ends in
/// *, all that begin so.
struct left_out {
    naming of = naming::original;
    std::string name;
    std::string_view why;

    [[nodiscard]] auto covers(std::string_view tensor) const -> bool
    {
        return name.ends_with('*')
                   ? tensor.starts_with(std::string_view(name).substr(0, name.size() - 1))
                   : tensor == name;
    }
};

/// All tensors of a model under both names, and those that have but one.
struct key_map {
    std::vector<key_row> rows;
    std::vector<left_out> without_place;
};

} // namespace haiga::checkpoint
