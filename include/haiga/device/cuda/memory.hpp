#pragma once

#include "haiga/device/cuda/status.hpp"

#include <cstddef>
#include <memory>

namespace haiga::device {

/// Memory of the device, owned. The host cannot read it.
class cuda_memory {
public:
    cuda_memory() = default;

    /// Errors: out_of_memory.
    static auto allocate(std::size_t bytes) -> result<cuda_memory>
    {
        void* data = nullptr;
        HAIGA_TRY_VOID(
            cuda_checked(haiga_cuda_allocate(bytes, &data), concat(bytes, " bytes of memory")));
        return cuda_memory(data, bytes);
    }

    [[nodiscard]] auto data() const -> void* { return data_.get(); }
    [[nodiscard]] auto size() const -> std::size_t { return data_ == nullptr ? 0 : bytes_; }

private:
    struct release {
        void operator()(void* data) const { haiga_cuda_free(data); }
    };

    cuda_memory(void* data, std::size_t bytes) : data_(data), bytes_(bytes) {}

    std::unique_ptr<void, release> data_;
    std::size_t bytes_ = 0;
};

} // namespace haiga::device
