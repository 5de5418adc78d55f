#pragma once

#include "haiga/base/cpu.hpp"
#include "haiga/base/result.hpp"
#include "haiga/tensor/view.hpp"

#include <dnnl.hpp>

#include <span>
#include <vector>

// Everything of oneDNN's that the other headers of this folder share.

namespace haiga::device::onednn {

inline auto type_of(dtype type) -> dnnl::memory::data_type
{
    return type == dtype::bf16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

/// Whether oneDNN has fast kernels for a storage type on this machine: bf16 needs hardware for it,
/// without which oneDNN falls back to its reference code.
inline auto fast(dtype type) -> bool
{
    return type == dtype::f32 || (type == dtype::bf16 && machine_has_bf16());
}

/// The engine and the stream of this thread's calls.
struct context {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
};

/// The memory of an operand, described and not copied.
inline auto wrap(context& c, dnnl::memory::desc const& desc, void const* data) -> dnnl::memory
{
    return {desc, c.engine, const_cast<void*>(data)};
}

/// Memory of the library's own, in the layout that a primitive asks for; made once.
inline auto make(context& c, dnnl::memory::desc const& desc) -> dnnl::memory
{
    return {desc, c.engine};
}

/// Copies between two layouts or element types of the same tensor; prepared once.
class conversion {
public:
    conversion() = default;
    conversion(context& c, dnnl::memory::desc const& from, dnnl::memory::desc const& to)
        : from_(from), needed_(from != to)
    {
        if (needed_) {
            reorder_ = dnnl::reorder({c.engine, from, c.engine, to});
            converted_ = make(c, to);
        }
    }

    /// The operand as the primitive wants it: as it is, or converted now.
    auto operator()(context& c, void const* data) -> dnnl::memory
    {
        auto given = wrap(c, from_, data);
        if (!needed_) {
            return given;
        }
        reorder_.execute(c.stream, given, converted_);
        return converted_;
    }

private:
    dnnl::memory::desc from_;
    bool needed_ = false;
    dnnl::reorder reorder_;
    dnnl::memory converted_;
};

} // namespace haiga::device::onednn
