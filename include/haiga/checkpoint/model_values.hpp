#pragma once

#include "haiga/checkpoint/bound_model.hpp"
#include "haiga/checkpoint/tensor_entry.hpp"
#include "haiga/io/mapped_file.hpp"
#include "haiga/tensor/convert_elements.hpp"

#include <functional>
#include <set>

namespace haiga::checkpoint {

/// Changes to weights while they are written: edit(row, values) gets all of a block of Diffusers'
/// arrangement. Only the tensors that are named are asked about; they are held in memory.
struct weight_edits {
    std::set<std::string, std::less<>> tensors; ///< by Diffusers' names
    std::function<result<>(key_row const&, std::span<float>)> edit;
};

struct value_options {
    std::optional<dtype> type;   ///< of real numbers: f32, f16, bf16; else what each has
    bool allow_overflow = false; ///< numbers that the type cannot hold become infinite
};

/// A tensor that is to be written: blocks one after the other.
struct output_tensor {
    tensor_entry entry; ///< begin and end are not told
    std::vector<std::size_t> rows;
};

namespace detail {

/// The bytes of a tensor in C order: its own where it is dense, else gathered.
class dense_bytes {
public:
    explicit dense_bytes(stored_tensor const& tensor) : bytes_(tensor.bytes)
    {
        if (!tensor.is_dense()) {
            gathered_.reserve(static_cast<std::size_t>(tensor.dims.elements()) *
                              size_of(tensor.type));
            static_cast<void>(
                for_each_piece(tensor, [&](std::span<std::byte const> piece) -> result<> {
                    gathered_.insert(gathered_.end(), piece.begin(), piece.end());
                    return {};
                }));
            bytes_ = gathered_;
        }
    }
    dense_bytes(dense_bytes const&) = delete;
    auto operator=(dense_bytes const&) -> dense_bytes& = delete;

    [[nodiscard]] auto get() const -> std::span<std::byte const> { return bytes_; }

private:
    std::vector<std::byte> gathered_;
    std::span<std::byte const> bytes_;
};

} // namespace detail

/// The values of a model as a file shall hold them.
class model_values {
public:
    explicit model_values(bound_model const& model, value_options options = {},
                          weight_edits edits = {})
        : model_(model), options_(options), edits_(std::move(edits))
    {
    }

    /// The tensors of a naming, in the order of their names.
    /// Errors: mismatch where blocks of one tensor have different types; unsupported where one that
    ///         is edited would be of a type that is not converted to.
    [[nodiscard]] auto tensors(naming n) const -> result<std::vector<output_tensor>>
    {
        std::vector<output_tensor> all;
        for (auto& [name, rows] : rows_by_tensor(model_.map, n)) {
            auto const type = type_of(rows[0]);
            bool const edited = edits_.tensors.contains(model_.map.rows[rows[0]].diffusers);
            if (edited && type != dtype::f32 && type != dtype::f16 && type != dtype::bf16) {
                return fail(errc::unsupported, '"', name, "\" is ", to_string(type),
                            ", which nothing is added to; choose F32, F16 or BF16");
            }
            for (auto const i : rows) {
                if (type_of(i) != type) {
                    return fail(errc::mismatch, '"', name, "\" would be of ", to_string(type),
                                " and of ", to_string(type_of(i)), " (\"", model_.blocks[i].name,
                                "\"); choose one type for all");
                }
            }
            all.push_back(
                {{std::string(name), type, dims_of_rows(model_.map, rows, n)}, std::move(rows)});
        }
        return all;
    }

    /// Calls use(piece, file) with the data of a tensor in C order; file is the mapped file that a
    /// piece is of, or null. Pages of mapped files are let go behind.
    /// Errors: those of use and of the edits; too_large for a finite number that became infinite.
    template <class Use>
    auto for_each_piece(output_tensor const& tensor, naming n, Use const& use) const -> result<>
    {
        for (auto const i : tensor.rows) {
            auto const& row = model_.map.rows[i];
            auto block = model_.blocks[i];
            std::vector<float> changed;
            if (edits_.tensors.contains(row.diffusers)) {
                HAIGA_TRY(changed, edited(row, block));
                block.type = dtype::f32;
                block.steps = dense_strides(block.dims);
                block.bytes = std::as_bytes(std::span(changed));
            }
            auto const* const file = model_.file_of(block.bytes);
            auto const& own = model_.blocks[i].bytes;
            auto const arranged = n == naming::diffusers ? block : to_original(block, row.how);
            HAIGA_TRY_VOID(convert(arranged, tensor.entry.type, file, use));
            if (model_.file_of(own) != nullptr) {
                io::forget_pages(own);
            }
        }
        return {};
    }

private:
    [[nodiscard]] auto type_of(std::size_t row) const -> dtype
    {
        auto const own = model_.blocks[row].type;
        return options_.type && is_floating(own) ? *options_.type : own;
    }

    [[nodiscard]] auto edited(key_row const& row, stored_tensor const& block) const
        -> result<std::vector<float>>
    {
        std::vector<float> values(static_cast<std::size_t>(block.dims.elements()));
        detail::dense_bytes const dense(block);
        auto const all = std::as_writable_bytes(std::span(values));
        if (!convert_elements(dense.get(), block.type, all, dtype::f32)) {
            return fail(errc::too_large, '"', row.diffusers,
                        "\" has a number that F32 cannot hold");
        }
        HAIGA_TRY_VOID(edits_.edit(row, values));
        return values;
    }

    template <class Use>
    auto convert(stored_tensor const& tensor, dtype type, io::mapped_file const* file,
                 Use const& use) const -> result<>
    {
        constexpr std::size_t most = std::size_t{1} << 16U;         // elements that are converted
        constexpr std::size_t most_at_once = std::size_t{8} << 20U; // bytes of a mapped file
        bool const dense = tensor.is_dense();
        std::vector<std::byte> converted(tensor.type == type ? 0 : most * size_of(type));
        return checkpoint::for_each_piece(
            tensor, [&](std::span<std::byte const> bytes) -> result<> {
                while (!bytes.empty()) {
                    auto piece = bytes.first(std::min(bytes.size(), most_at_once));
                    auto const* const own = dense ? file : nullptr;
                    if (tensor.type == type) {
                        HAIGA_TRY_VOID(use(piece, own));
                    } else {
                        piece = piece.first(std::min(piece.size(), most * size_of(tensor.type)));
                        HAIGA_TRY(auto const out, convert_piece(piece, tensor, type, converted));
                        HAIGA_TRY_VOID(use(out, nullptr));
                    }
                    if (own != nullptr) {
                        io::forget_pages(piece);
                    }
                    bytes = bytes.subspan(piece.size());
                }
                return {};
            });
    }

    [[nodiscard]] auto convert_piece(std::span<std::byte const> piece, stored_tensor const& tensor,
                                     dtype type, std::span<std::byte> room) const
        -> result<std::span<std::byte const>>
    {
        auto const out = room.first(piece.size() / size_of(tensor.type) * size_of(type));
        if (!convert_elements(piece, tensor.type, out, type) && !options_.allow_overflow) {
            return fail(errc::too_large, '"', tensor.name, "\" has a number that ", to_string(type),
                        " cannot hold");
        }
        return out;
    }

    bound_model const& model_;
    value_options options_;
    weight_edits edits_;
};

} // namespace haiga::checkpoint
