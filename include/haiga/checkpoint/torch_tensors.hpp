#pragma once

#include "haiga/checkpoint/pickle_reader.hpp"
#include "haiga/checkpoint/stored_tensor.hpp"
#include "haiga/checkpoint/torch_storage.hpp"

#include <set>

namespace haiga::checkpoint {

/// What a torch file holds. The bytes of the tensors lie in the file.
struct torch_contents {
    std::vector<stored_tensor> tensors;
    std::vector<std::string> others; ///< names of values beside them, which are no tensors
    bool has_state_dict = false;     ///< the tensors are those of its member "state_dict"
};

namespace detail {

/// Reads descriptions of tensors. storage(id) gives the bytes of a storage_id.
template <class Storage>
class tensor_builder {
public:
    tensor_builder(pickle::document const& document, Storage const& storage)
        : document_(document), storage_(storage)
    {
    }

    /// Whether a value describes a tensor.
    [[nodiscard]] auto is_tensor(pickle::ref at) const -> bool
    {
        auto const* const name = callable_of(at);
        return name != nullptr &&
               (name->module == "torch._utils" || name->module == "torch._tensor");
    }

    /// Errors: invalid; unsupported; mismatch for a storage that is shorter than its tensor.
    [[nodiscard]] auto read(pickle::ref at) const -> result<stored_tensor>
    {
        auto const* const call = document_.get_if<pickle::call>(at);
        auto const* const name = callable_of(at);
        if (name == nullptr) {
            return fail(errc::invalid, "is not a tensor");
        }
        return rebuild(*name, call->arguments, 0);
    }

private:
    using ref = pickle::ref;

    [[nodiscard]] auto callable_of(ref at) const -> pickle::global const*
    {
        auto const* const call = document_.get_if<pickle::call>(at);
        return call != nullptr ? document_.get_if<pickle::global>(call->callable) : nullptr;
    }

    /// A parameter is a call around the call that makes its tensor.
    auto rebuild(pickle::global const& name, ref arguments, int depth) const
        -> result<stored_tensor>
    {
        constexpr int deepest = 4;
        HAIGA_TRY(auto const given, tuple_of(document_, arguments, 1));
        if (name.name == "_rebuild_from_type_v2") { // (function, type, arguments, state)
            auto const* const inner = document_.get_if<pickle::global>(given[0]);
            if (inner == nullptr || given.size() < 3 || depth == deepest) {
                return fail(errc::invalid, name.name, " has other arguments");
            }
            return rebuild(*inner, given[2], depth + 1);
        }
        if (name.name.starts_with("_rebuild_parameter")) { // (data, ...)
            auto const* const inner = callable_of(given[0]);
            if (inner == nullptr || depth == deepest) {
                return fail(errc::invalid, "a parameter without a tensor");
            }
            return rebuild(*inner, document_.get_if<pickle::call>(given[0])->arguments, depth + 1);
        }
        return read_call(name, given);
    }

    /// (storage, offset, sizes, strides, ...); version 3 has the type as its seventh.
    auto read_call(pickle::global const& name, std::span<ref const> given) const
        -> result<stored_tensor>
    {
        bool const typed = name.name == "_rebuild_tensor_v3";
        if (name.module != "torch._utils" || !name.name.starts_with("_rebuild_tensor") ||
            given.size() < (typed ? 7U : 4U)) {
            return fail(errc::unsupported, "made by ", name.full_name(), " of ", given.size());
        }
        HAIGA_TRY(auto const storage, read_storage_id(document_, given[0]));
        auto const type = typed ? type_of(given[6]) : storage.type;
        if (!type) {
            return fail(errc::unsupported, "its type is not known");
        }
        HAIGA_TRY(auto const offset, integer_of(document_, given[1]));
        HAIGA_TRY(auto const sizes, integers(given[2]));
        HAIGA_TRY(auto const steps, integers(given[3]));
        if (sizes.size() != steps.size() || offset < 0) {
            return fail(errc::invalid, sizes.size(), " sizes, ", steps.size(), " strides, offset ",
                        offset);
        }
        stored_tensor tensor{{}, *type, shape(std::span(sizes)), {}, {}};
        std::ranges::copy(steps, tensor.steps.begin());
        HAIGA_TRY(auto const bytes, storage_(storage));
        return cut(std::move(tensor), bytes, static_cast<std::uint64_t>(offset));
    }

    static auto cut(stored_tensor tensor, std::span<std::byte const> storage, std::uint64_t offset)
        -> result<stored_tensor>
    {
        auto const reach = checked_reach(tensor.dims, tensor.steps);
        auto const width = size_of(tensor.type);
        auto const have = storage.size() / width;
        if (!reach || static_cast<std::uint64_t>(*reach) > have || offset > have ||
            static_cast<std::uint64_t>(*reach) > have - offset) {
            return fail(errc::mismatch, "its storage of ", have, " elements is too short for ",
                        tensor.dims, " from ", offset, " on");
        }
        tensor.bytes = storage.subspan(static_cast<std::size_t>(offset) * width,
                                       static_cast<std::size_t>(*reach) * width);
        return tensor;
    }

    auto type_of(ref at) const -> std::optional<dtype>
    {
        auto const* const g = document_.get_if<pickle::global>(at);
        return g != nullptr ? torch_type_of(*g, &torch_type::name) : std::nullopt;
    }

    /// A tuple, or torch.Size of one.
    auto integers(ref at) const -> result<std::vector<std::int64_t>>
    {
        if (auto const* const name = callable_of(at); name != nullptr && name->name == "Size") {
            auto const* const call = document_.get_if<pickle::call>(at);
            HAIGA_TRY(auto const inner, tuple_of(document_, call->arguments, 1));
            at = inner[0];
        }
        HAIGA_TRY(auto const items, tuple_of(document_, at, 0));
        if (items.size() > shape::max_rank) {
            return fail(errc::unsupported, "rank ", items.size(), ", at most ", shape::max_rank);
        }
        std::vector<std::int64_t> numbers;
        for (auto const item : items) {
            HAIGA_TRY(auto const n, integer_of(document_, item));
            if (n < 0) {
                return fail(errc::invalid, "a size or a stride of ", n);
            }
            numbers.push_back(n);
        }
        return numbers;
    }

    pickle::document const& document_;
    Storage const& storage_;
};

} // namespace detail

/// The tensors that a pickle of torch describes: those of its member "state_dict", where it is a
/// mapping, or its own. storage(id) gives the bytes of a storage_id.
///
/// Errors: those of storage; invalid, unsupported, mismatch, naming the tensor.
template <class Storage>
auto read_torch_tensors(pickle::document const& document, Storage const& storage)
    -> result<torch_contents>
{
    torch_contents contents;
    auto const* holder = document.get_if<pickle::mapping>(document.root());
    if (holder == nullptr) {
        return fail(errc::unsupported, "the file holds no dictionary of tensors");
    }
    auto const* const inner = document.find(*holder, "state_dict");
    auto const* const wrapped = inner ? document.get_if<pickle::mapping>(*inner) : nullptr;
    auto const add_other = [&](pickle::ref key) {
        auto const* const text = document.get_if<std::string>(key);
        contents.others.push_back(text != nullptr ? *text : "(a key that is no text)");
    };
    if (wrapped != nullptr) {
        contents.has_state_dict = true;
        for (auto const& [key, value] : holder->items) {
            if (value != *inner) {
                add_other(key);
            }
        }
        holder = wrapped;
    }
    detail::tensor_builder const builder(document, storage);
    std::set<std::string_view> names;
    for (auto const& [key, value] : holder->items) {
        auto const* const name = document.get_if<std::string>(key);
        if (name == nullptr || !builder.is_tensor(value)) {
            add_other(key);
            continue;
        }
        auto const named = [&](failure&& f) {
            return std::move(f).within(concat('"', *name, '"'));
        };
        HAIGA_TRY(auto tensor, builder.read(value).map_error(named));
        if (!names.insert(*name).second) {
            return fail(errc::invalid, "two tensors are called \"", *name, '"');
        }
        tensor.name = *name;
        contents.tensors.push_back(std::move(tensor));
    }
    return contents;
}

} // namespace haiga::checkpoint
