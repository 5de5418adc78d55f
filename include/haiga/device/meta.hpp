#pragma once

#include "haiga/device/backend.hpp"
#include "haiga/device/op.hpp"

namespace haiga::device {

/// A backend that computes nothing and counts the memory that it is asked for: what a program would
/// take, told before it is made.
class meta {
public:
    static constexpr std::string_view name = "meta";

    /// So many bytes, of which none exists.
    class memory {
    public:
        memory() = default;
        explicit memory(std::size_t bytes) : bytes_(bytes) {}
        [[nodiscard]] auto data() const -> void* { return nullptr; }
        [[nodiscard]] auto size() const -> std::size_t { return bytes_; }

    private:
        std::size_t bytes_ = 0;
    };

    auto allocate(std::size_t bytes) -> result<memory>
    {
        allocated_ += bytes;
        return memory(bytes);
    }
    static void upload(void*, void const*, std::size_t) {}
    static void download(void*, void const*, std::size_t) {}
    static void zero(void*, std::size_t) {}
    static void multiply(matrix_product const&) {}
    static auto synchronize() -> result<> { return {}; }

    /// Bytes of everything that was ever asked for.
    [[nodiscard]] auto allocated() const -> std::size_t { return allocated_; }

private:
    std::size_t allocated_ = 0;
};

static_assert(backend<meta>);

/// Every op runs on it, by doing nothing.
template <class Op>
void run(meta&, Op const&, arguments const&)
{
}

} // namespace haiga::device
