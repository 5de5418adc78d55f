#pragma once

#include "haiga/device/cpu/matrix_product.hpp"
#include "haiga/device/cpu/workspace.hpp"

#include <new>
#include <stdexcept>
#include <string>

namespace haiga::device {

/// Memory of the host, 64-byte aligned and owned.
class host_memory {
public:
    host_memory() = default;
    explicit host_memory(std::size_t bytes) : bytes_(bytes) {}
    [[nodiscard]] auto data() const -> void* { return const_cast<std::byte*>(bytes_.data()); }
    [[nodiscard]] auto size() const -> std::size_t { return bytes_.size(); }

private:
    aligned_vector<std::byte> bytes_;
};

/// The host as a backend; Engine::multiply(form, product) computes one block on one thread.
template <class Engine>
class basic_cpu : public workspace {
public:
    using memory = host_memory;
    static constexpr std::string_view name = Engine::name;

    using workspace::workspace;

    static auto allocate(std::size_t bytes) -> result<memory>
    {
        try {
            return memory(bytes);
        } catch (std::bad_alloc const&) {
        } catch (std::length_error const&) {
        }
        return fail(errc::out_of_memory, name, ": ", bytes, " bytes");
    }
    static void upload(void* to, void const* from, std::size_t bytes)
    {
        std::memcpy(to, from, bytes);
    }
    static void download(void* to, void const* from, std::size_t bytes)
    {
        std::memcpy(to, from, bytes);
    }
    static void zero(void* to, std::size_t bytes) { std::memset(to, 0, bytes); }
    static auto synchronize() -> result<> { return {}; }

    void multiply(matrix_product const& p) { multiply_on_host(*this, p); }

    /// The libraries that compute, with their versions.
    static auto libraries() -> std::string requires requires { Engine::libraries(); }
    {
        return Engine::libraries();
    }

    template <class T>
    static void block(form how, product<T> const& p)
    {
        Engine::multiply(how, p);
    }
};

} // namespace haiga::device
