#pragma once

#include "haiga/device/cpu/matrix_product.hpp"
#include "haiga/device/cpu/workspace.hpp"
#include "haiga/tensor/page_array.hpp"

#include <new>
#include <string>

namespace haiga::device {

/// Memory of the host, 64-byte aligned and owned, zero at first. What is large comes as pages that
/// nobody has touched: a vector's zeros take as long to write as a small model to load.
class host_memory {
public:
    host_memory() = default;

    /// Errors: out_of_memory.
    static auto make(std::size_t bytes) -> result<host_memory>
    {
        constexpr std::size_t large = std::size_t{64} << 20U;
        host_memory made;
        made.size_ = bytes;
        if (bytes >= large) {
            HAIGA_TRY(made.pages_, page_array<std::uint8_t>::make(bytes));
            return made;
        }
        try {
            made.bytes_.resize(bytes);
        } catch (std::bad_alloc const&) {
            return fail(errc::out_of_memory, bytes, " bytes");
        }
        return made;
    }

    [[nodiscard]] auto data() const -> void*
    {
        auto const* const pages = pages_.data();
        return pages != nullptr ? const_cast<std::uint8_t*>(pages)
                                : static_cast<void*>(const_cast<std::byte*>(bytes_.data()));
    }
    [[nodiscard]] auto size() const -> std::size_t { return size_; }

private:
    aligned_vector<std::byte> bytes_;
    page_array<std::uint8_t> pages_;
    std::size_t size_ = 0;
};

/// The host as a backend; Engine::multiply(form, product) computes one block on one thread.
template <class Engine>
class basic_cpu : public workspace {
public:
    using memory = host_memory;
    static constexpr std::string_view name = Engine::name;
    /// Whether products of bf16 may go to the processor's tiles instead of the engine.
    static constexpr bool bf16_tiles = Engine::bf16_tiles;
    static auto uses_tiles() -> bool { return bf16_tiles && amx::available(); }

    using workspace::workspace;

    static auto allocate(std::size_t bytes) -> result<memory>
    {
        return memory::make(bytes).map_error(
            [](failure&& f) { return std::move(f).within(std::string(name)); });
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
