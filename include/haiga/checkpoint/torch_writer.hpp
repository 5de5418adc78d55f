#pragma once

#include "haiga/checkpoint/stored_tensor.hpp"
#include "haiga/checkpoint/tensor_entry.hpp"
#include "haiga/checkpoint/torch_globals.hpp"
#include "haiga/io/zip_writer.hpp"

namespace haiga::checkpoint {

namespace detail {

/// Writes a pickle of protocol 2, as torch.save does, without a memo: nothing in it is shared.
class pickle_writer {
public:
    pickle_writer() { text_ = std::string("\x80\x02"); }

    /// Opcodes that have no argument.
    auto code(std::string_view opcodes) -> pickle_writer&
    {
        text_ += opcodes;
        return *this;
    }

    auto global(std::string_view module, std::string_view name) -> pickle_writer&
    {
        text_.append("c").append(module).append("\n").append(name).append("\n");
        return *this;
    }

    auto text(std::string_view value) -> pickle_writer&
    {
        text_ += 'X';
        append(static_cast<std::uint32_t>(value.size()));
        text_ += value;
        return *this;
    }

    auto integer(std::int64_t value) -> pickle_writer&
    {
        if (value >= 0 && value < 0x100) {
            text_ += 'K';
            append(static_cast<std::uint8_t>(value));
        } else if (value >= 0 && value < 0x1'0000) {
            text_ += 'M';
            append(static_cast<std::uint16_t>(value));
        } else if (value >= -0x8000'0000LL && value < 0x8000'0000LL) {
            text_ += 'J';
            append(static_cast<std::uint32_t>(value));
        } else {
            text_ += "\x8a\x08"; // LONG1 of eight bytes
            append(static_cast<std::uint64_t>(value));
        }
        return *this;
    }

    template <class Numbers>
    auto tuple(Numbers const& numbers) -> pickle_writer&
    {
        text_ += '(';
        for (auto const number : numbers) {
            integer(number);
        }
        text_ += 't';
        return *this;
    }

    [[nodiscard]] auto finish() && -> std::string { return std::move(text_) + '.'; }

private:
    template <std::unsigned_integral T>
    void append(T value)
    {
        std::array<std::byte, sizeof value> bytes{};
        store_le(bytes, 0, value);
        text_.append(as_text(bytes));
    }

    std::string text_;
};

/// A call of torch._utils._rebuild_tensor_v2; of v3, which PyTorch 2.1 brought, for types that have
/// no storage class.
inline void describe(pickle_writer& out, tensor_entry const& tensor, std::size_t number)
{
    auto const at = std::ranges::find(torch_types, tensor.type, &torch_type::type);
    bool const classic = !at->storage.empty();
    auto const steps = dense_strides(tensor.dims);
    auto const elements = tensor.dims.elements();
    out.global("torch._utils", classic ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
    out.code("((").text("storage");
    classic ? out.global("torch", at->storage) : out.global("torch.storage", "UntypedStorage");
    out.text(concat(number)).text("cpu").integer(elements).code("tQ"); // a persistent id
    out.integer(0).tuple(tensor.dims);
    out.tuple(std::span(steps).first(static_cast<std::size_t>(tensor.dims.rank())));
    out.code("\x89").global("collections", "OrderedDict").code(")R"); // needs no gradient, no hooks
    if (!classic) {
        out.global("torch", at->name).code("N");
    }
    out.code("tR");
}

} // namespace detail

/// How a torch file is laid out.
struct torch_layout {
    bool in_state_dict = true; ///< the tensors are those of a member "state_dict"
};

/// Writes tensors to a torch file in its zip form: names, types and shapes of tensors are those of
/// the entries (begin and end are not looked at), in their order; produce(index, sink) writes the
/// data of one, in C order, in as many pieces as it likes. Data are aligned to 64 bytes.
///
/// The archive has the members that PyTorch 1.6 wrote and no others, and its pickle the least that
/// makes tensors: unpicklers that refuse what they do not know take it. zip64 above 4 GiB.
///
/// Errors: invalid for a name that occurs twice or is not UTF-8; too_large; mismatch when produce
///         writes another number of bytes; those of produce and the sink.
/// Source: torch/serialization.py of PyTorch, _save.
template <io::byte_sink Sink, class Produce>
auto write_torch(Sink& sink, std::span<tensor_entry const> tensors, Produce const& produce,
                 torch_layout layout = {}) -> result<>
{
    HAIGA_TRY_VOID(check_names(tensors));
    detail::pickle_writer pickle;
    pickle.code("}");
    if (layout.in_state_dict) {
        pickle.text("state_dict").code("}");
    }
    std::vector<std::uint64_t> sizes;
    for (auto const& tensor : tensors) {
        auto const bytes = checked_bytes(tensor.type, tensor.dims);
        if (!bytes) {
            return fail(errc::too_large, '"', tensor.name, "\": more than 2^63 bytes");
        }
        detail::describe(pickle.text(tensor.name), tensor, sizes.size());
        pickle.code("s");
        sizes.push_back(*bytes);
    }
    pickle.code(layout.in_state_dict ? "s" : "");
    constexpr std::size_t alignment = 64;
    io::zip_writer<Sink> archive(sink, alignment);
    HAIGA_TRY_VOID(archive.add("archive/data.pkl", as_bytes(std::move(pickle).finish())));
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        HAIGA_TRY_VOID(archive.add(concat("archive/data/", i), sizes[i],
                                   [&](auto& out) { return produce(i, out); }));
    }
    HAIGA_TRY_VOID(archive.add("archive/version", as_bytes("3\n")));
    return archive.finish();
}

} // namespace haiga::checkpoint
