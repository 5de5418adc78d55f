#pragma once

#include "haiga/base/parallel.hpp"
#include "haiga/base/result.hpp"
#include "haiga/device/cpu/product.hpp"
#include "haiga/tensor/view.hpp"

#include <concepts>
#include <cstddef>

namespace haiga::device {

/// C = or += A B (+ bias), whole operands on the device; leading axes are folded into rows.
/// Errors: shapes that do not fit are a caller's bug.
struct matrix_product {
    form how = form::nn;
    any_view a = {}, b = {};
    any_view bias = {}; ///< empty, or one element a column of C
    any_view c = {};
    bool accumulate = false; ///< then there is no bias
};

/// Where tensors live and what multiplies them: memory, one product, one stream.
///
/// Every further operation is a customization point of its own, run(backend&, op, arguments),
/// with a composite fallback for backends whose memory the host can read; a backend that does
/// better offers a member function that the op looks for. Work is done in order; results may be
/// read by the host after synchronize().
/// Errors: allocate reports out_of_memory; the rest cannot fail on good arguments, or keeps the
///         first failure for synchronize().
template <class B>
concept backend = requires(B& b, std::size_t bytes, void* device, void const* source, void* host,
                           matrix_product const& p, typename B::memory const& m)
{
    {
        b.allocate(bytes)
        } -> std::same_as<result<typename B::memory>>;
    {
        m.data()
        } -> std::same_as<void*>;
    {
        m.size()
        } -> std::same_as<std::size_t>;
    b.upload(device, source, bytes);
    b.download(host, source, bytes);
    b.zero(device, bytes);
    b.multiply(p);
    {
        b.synchronize()
        } -> std::same_as<result<>>;
    {
        B::name
        } -> std::convertible_to<std::string_view>;
};

/// What an op that multiplies nothing computes with on the host: team() threads, and scratch memory
/// that is kept from call to call.
template <class H>
concept host = requires(H& h, int thread, std::size_t bytes)
{
    {
        h.team()
        } -> std::same_as<parallelism>;
    {
        h.scratch(thread, bytes)
        } -> std::same_as<void*>; ///< one piece a thread, until its next call
    {
        h.shared_scratch(bytes)
        } -> std::same_as<void*>; ///< outside parallel_for
};

/// A backend whose memory is the host's: composite ops run on it, with products by block().
template <class B>
concept host_backend = backend<B> && host<B> &&
    requires(product<float> const& p, product<double> const& exact, form how)
{
    B::block(how, p);
    B::block(how, exact);
};

} // namespace haiga::device
