#include "common.cuh"

#include <cublasLt.h>

#include <cstring>

using namespace haiga::kernel;

static_assert(int{HAIGA_CUDA_OUT_OF_MEMORY} == int{cudaErrorMemoryAllocation});
static_assert(int{HAIGA_CUDA_NO_DRIVER} == int{cudaErrorInsufficientDriver});
static_assert(int{HAIGA_CUDA_NO_DEVICE} == int{cudaErrorNoDevice});

extern "C" char const* haiga_cuda_message(int status)
{
    switch (status) {
    case HAIGA_CUDA_NO_DRIVER: return "no driver, or one that is too old for this CUDA";
    case HAIGA_CUDA_INVALID: return "sizes that do not fit together";
    case HAIGA_CUDA_UNSUPPORTED: return "no kernel takes these element types together";
    case HAIGA_CUDA_SMALL_WORKSPACE: return "the workspace is too small";
    case HAIGA_CUDA_NO_ALGORITHM: return "cuBLASLt has no algorithm for this product";
    default: break;
    }
    if (status >= HAIGA_CUDA_CUBLAS && status < HAIGA_CUDA_INVALID) {
        return cublasLtGetStatusString(static_cast<cublasStatus_t>(status - HAIGA_CUDA_CUBLAS));
    }
    return cudaGetErrorString(static_cast<cudaError_t>(status));
}

extern "C" int haiga_cuda_describe(int device, haiga_cuda_device* out)
{
    int count = 0;
    HAIGA_CUDA_TRY(cudaGetDeviceCount(&count));
    cudaDeviceProp properties{};
    HAIGA_CUDA_TRY(cudaGetDeviceProperties(&properties, device));
    *out = haiga_cuda_device{};
    static_assert(sizeof(out->name) == sizeof(properties.name));
    std::memcpy(out->name, properties.name, sizeof(out->name));
    out->bytes = static_cast<int64_t>(properties.totalGlobalMem);
    out->compute_major = properties.major;
    out->compute_minor = properties.minor;
    out->multiprocessors = properties.multiProcessorCount;
    HAIGA_CUDA_TRY(cudaDriverGetVersion(&out->driver));
    return cudaRuntimeGetVersion(&out->runtime);
}

extern "C" int haiga_cuda_use(int device) { return cudaSetDevice(device); }

extern "C" int haiga_cuda_allocate(size_t bytes, void** out) { return cudaMalloc(out, bytes); }
extern "C" int haiga_cuda_free(void* memory) { return cudaFree(memory); }

extern "C" int haiga_cuda_stream_create(void** out)
{
    cudaStream_t stream = nullptr;
    HAIGA_CUDA_TRY(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    *out = stream;
    return HAIGA_CUDA_SUCCESS;
}

extern "C" int haiga_cuda_stream_destroy(void* stream)
{
    return cudaStreamDestroy(stream_of(stream));
}

extern "C" int haiga_cuda_upload(void* to, void const* from, size_t bytes, void* stream)
{
    HAIGA_CUDA_TRY(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_of(stream)));
    return cudaStreamSynchronize(stream_of(stream));
}

extern "C" int haiga_cuda_download(void* to, void const* from, size_t bytes, void* stream)
{
    HAIGA_CUDA_TRY(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_of(stream)));
    return cudaStreamSynchronize(stream_of(stream));
}

extern "C" int haiga_cuda_zero(void* to, size_t bytes, void* stream)
{
    return cudaMemsetAsync(to, 0, bytes, stream_of(stream));
}

extern "C" int haiga_cuda_synchronize(void* stream)
{
    return cudaStreamSynchronize(stream_of(stream));
}
