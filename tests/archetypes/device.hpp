#pragma once

#include "haiga/device/backend.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

/// The least that models each concept of haiga::device, and what must not.
namespace archetypes {

/// Memory that cannot be copied, and products of f32 alone.
class backend {
public:
    static constexpr char const* name = "archetype";

    class memory {
    public:
        memory(std::unique_ptr<std::byte[]> bytes, std::size_t size)
            : bytes_(std::move(bytes)), size_(size)
        {
        }
        [[nodiscard]] auto data() const -> void* { return bytes_.get(); }
        [[nodiscard]] auto size() const -> std::size_t { return size_; }

    private:
        std::unique_ptr<std::byte[]> bytes_;
        std::size_t size_;
    };

    auto allocate(std::size_t bytes) -> haiga::result<memory>
    {
        std::unique_ptr<std::byte[]> made(new (std::nothrow) std::byte[bytes]);
        if (made == nullptr) {
            return haiga::fail(haiga::errc::out_of_memory, bytes, " bytes");
        }
        return memory(std::move(made), bytes);
    }
    void upload(void* to, void const* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
    void download(void* to, void const* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
    void zero(void* to, std::size_t bytes) { std::memset(to, 0, bytes); }
    auto synchronize() -> haiga::result<> { return {}; }

    void multiply(haiga::device::matrix_product const& p)
    {
        using haiga::device::form;
        auto const n = p.c.shape()[-1];
        auto const m = p.c.elements() / n;
        auto const k = p.a.elements() / m;
        auto const at = [](haiga::any_view v, std::int64_t i) -> float& {
            return static_cast<float*>(v.data())[i];
        };
        for (std::int64_t i = 0; i < m * n; ++i) {
            auto const [row, column] = std::pair(i / n, i % n);
            float sum = p.accumulate ? at(p.c, i) : p.bias ? at(p.bias, column) : 0;
            for (std::int64_t l = 0; l < k; ++l) {
                sum += at(p.a, p.how == form::tn ? l * m + row : row * k + l) *
                       at(p.b, p.how == form::nt ? column * k + l : l * n + column);
            }
            at(p.c, i) = sum;
        }
    }
};
static_assert(haiga::device::backend<backend>);
static_assert(!haiga::device::host_backend<backend>);

struct backend_that_throws : backend {
    auto allocate(std::size_t bytes) -> memory;
};
struct backend_that_never_fails : backend {
    void synchronize();
};
struct backend_without_products : backend {
    void multiply();
};
struct backend_that_only_writes : backend {
    void download();
};
struct nameless_backend : backend {
    static void name();
};
static_assert(!haiga::device::backend<backend_that_throws>);
static_assert(!haiga::device::backend<backend_that_never_fails>);
static_assert(!haiga::device::backend<backend_without_products>);
static_assert(!haiga::device::backend<backend_that_only_writes>);
static_assert(!haiga::device::backend<nameless_backend>);

/// One thread, one piece of scratch memory for it and one to share.
class host_backend : public backend {
public:
    [[nodiscard]] auto team() const -> haiga::parallelism { return {1}; }
    auto scratch(int, std::size_t bytes) -> void* { return grown(own_, bytes); }
    auto shared_scratch(std::size_t bytes) -> void* { return grown(shared_, bytes); }

    template <class T>
    static void block(haiga::device::form how, haiga::device::product<T> const& p)
    {
        using haiga::device::form;
        for (std::int64_t i = 0; i < p.m * p.n; ++i) {
            auto const [row, column] = std::pair(i / p.n, i % p.n);
            T& c = p.c[p.c_rows[static_cast<std::size_t>(row)] + column];
            T sum = p.accumulate ? c : 0;
            for (auto const& s : p.segments) {
                for (std::int64_t l = 0; l < p.k; ++l) {
                    auto const line = static_cast<std::size_t>(how == form::tn ? l : row);
                    sum += p.a[s.a + p.a_rows[line] + (how == form::tn ? row : l)] *
                           p.b[s.b + (how == form::nt ? column * p.ldb + l : l * p.ldb + column)];
                }
            }
            c = sum;
        }
    }

private:
    static auto grown(std::vector<float>& memory, std::size_t bytes) -> void*
    {
        memory.resize(std::max(memory.size(), bytes / sizeof(float) + 1));
        return memory.data();
    }

    std::vector<float> own_, shared_;
};
static_assert(haiga::device::host_backend<host_backend>);

struct host_of_unknown_size : host_backend {
    [[nodiscard]] auto team() const -> int;
};
struct host_without_scratch : host_backend {
    void scratch();
};
struct host_that_shares_nothing : host_backend {
    void shared_scratch();
};
struct host_without_blocks : host_backend {
    void block();
};
struct host_of_floats : host_backend {
    static void block(haiga::device::form, haiga::device::product<float> const&);
};
static_assert(haiga::device::host<host_backend> && haiga::device::host<host_without_blocks>);
static_assert(!haiga::device::host<host_of_unknown_size>);
static_assert(!haiga::device::host<host_without_scratch>);
static_assert(!haiga::device::host<host_that_shares_nothing>);
static_assert(!haiga::device::host_backend<host_without_scratch>);
static_assert(!haiga::device::host_backend<host_without_blocks>);
static_assert(!haiga::device::host_backend<host_of_floats>);

} // namespace archetypes
