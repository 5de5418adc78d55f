#include "tests/model/on_host.hpp"

#include "apps/native_program.hpp"
#include "tests/backends.hpp"

namespace haiga::test {

namespace {

template <class F>
void with_element(dtype type, F const& f)
{
    switch (type) {
    case dtype::i64: f(std::int64_t{}); break;
    case dtype::i32: f(std::int32_t{}); break;
    default: device::with_type(type, f);
    }
}

} // namespace

template <class T>
struct on_host<T>::machine {
    device::cpu_native backend;
    device::program<device::cpu_native> program;

    machine(device::graph const& g, device::flat_buffers buffers)
        : backend(three_threads), program(nn::make_program(backend, g, buffers).value())
    {
    }
};

template <class T>
on_host<T>::on_host(device::graph const& g)
    : graph_(&g), parameters_(model::flat_size<T>(g)), gradients_(model::flat_size<T>(g)),
      machine_(
          std::make_unique<machine>(g, device::flat_buffers{parameters_.data(), gradients_.data()}))
{
}

template <class T>
on_host<T>::~on_host() = default;
template <class T>
on_host<T>::on_host(on_host&&) noexcept = default;
template <class T>
auto on_host<T>::operator=(on_host&&) noexcept -> on_host& = default;

template <class T>
void on_host<T>::write(device::value input, std::span<double const> values)
{
    auto const view = machine_->program.view(input);
    HAIGA_CHECK(view.elements() == static_cast<std::int64_t>(values.size()), view.shape());
    with_element(view.type(), [&]<class E>(E) {
        auto* const to = static_cast<E*>(view.data());
        for (std::size_t i = 0; i < values.size(); ++i) {
            to[i] = static_cast<E>(static_cast<device::compute_t<E>>(values[i]));
        }
    });
}

template <class T>
void on_host<T>::run()
{
    machine_->program.run();
}

template <class T>
auto on_host<T>::read(device::value kept) const -> std::vector<double>
{
    auto const view = machine_->program.view(kept);
    std::vector<double> values(static_cast<std::size_t>(view.elements()));
    with_element(view.type(), [&]<class E>(E) {
        auto const* const from = static_cast<E const*>(view.data());
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<double>(from[i]);
        }
    });
    return values;
}

template <class T>
auto on_host<T>::arena_bytes() const -> std::size_t
{
    return machine_->program.arena_bytes();
}

template class on_host<float>;
template class on_host<double>;

} // namespace haiga::test
