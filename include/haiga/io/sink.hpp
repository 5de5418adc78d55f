#pragma once

#include "haiga/base/result.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace haiga::io {

/// Where bytes go, one after the other.
///
/// Law: after write(a) and write(b) have succeeded the sink holds a, then b; after sync() has
///      succeeded they are where they will survive a power cut, as far as the sink can promise it.
///      After a failure what it holds is unknown.
template <class S>
concept byte_sink = requires(S& sink, std::span<std::byte const> bytes)
{
    {
        sink.write(bytes)
        } -> std::same_as<result<>>;
    {
        sink.sync()
        } -> std::same_as<result<>>;
};

/// Writes a part of a mapped file to a sink, which may have a better way than write().
template <byte_sink Sink, class Mapped>
auto copy_part(Sink& sink, Mapped const& from, std::span<std::byte const> part) -> result<>
{
    if constexpr (requires { sink.copy(from, part); }) {
        return sink.copy(from, part);
    } else {
        return sink.write(part);
    }
}

/// A sink that keeps everything in memory.
class memory_sink {
public:
    auto write(std::span<std::byte const> bytes) -> result<>
    {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return {};
    }
    auto sync() -> result<> { return {}; }

    [[nodiscard]] auto bytes() const -> std::span<std::byte const> { return bytes_; }
    [[nodiscard]] auto release() && -> std::vector<std::byte> { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

static_assert(byte_sink<memory_sink>);

} // namespace haiga::io
