/* The C interface of the archive of kernels (kernels/): plain C99, no header of CUDA.
 *
 * Every function that can fail returns an int: 0 for success, else a status that
 * haiga_cuda_message explains. A stream is a cudaStream_t as void*. Arrays lie on the device,
 * dense and row-major, pointers at least as aligned as their elements; 16 bytes is faster. Work is
 * queued on the stream in order and nothing waits for it, save where a comment says so. No function
 * keeps state between calls but the objects that are passed to it, and none is called by two
 * threads at once with the same object or stream.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Below 10000 a status is a cudaError_t, from there on 10000 plus a cublasStatus_t. */
enum {
    HAIGA_CUDA_SUCCESS = 0,
    HAIGA_CUDA_OUT_OF_MEMORY = 2, /* cudaErrorMemoryAllocation */
    HAIGA_CUDA_NO_DRIVER = 35,    /* cudaErrorInsufficientDriver */
    HAIGA_CUDA_NO_DEVICE = 100,   /* cudaErrorNoDevice */
    HAIGA_CUDA_CUBLAS = 10000,
    HAIGA_CUDA_INVALID = 20000, /* sizes that are negative or do not fit together */
    HAIGA_CUDA_UNSUPPORTED,     /* a combination of element types that no kernel takes */
    HAIGA_CUDA_SMALL_WORKSPACE, /* less than the matching _workspace function says */
    HAIGA_CUDA_NO_ALGORITHM     /* cuBLASLt knows none for this problem */
};

/* A string that lives as long as the program. */
char const* haiga_cuda_message(int status);

/* ---- the device */

typedef struct haiga_cuda_device {
    char name[256];
    int64_t bytes;     /* of its memory */
    int compute_major; /* compute capability */
    int compute_minor;
    int multiprocessors;
    int driver;  /* the newest CUDA the driver serves: 13000 is 13.0 */
    int runtime; /* the CUDA the archive was built with */
} haiga_cuda_device;

/* Fails where there is no GPU, no driver, or too old a driver. Starts nothing on the device. */
int haiga_cuda_describe(int device, haiga_cuda_device* out);

/* The device that this thread's further calls are about. */
int haiga_cuda_use(int device);

/* ---- memory and order */

int haiga_cuda_allocate(size_t bytes, void** out); /* 256-byte aligned */
int haiga_cuda_free(void* memory);                 /* waits for the device */
int haiga_cuda_stream_create(void** out);
int haiga_cuda_stream_destroy(void* stream);
int haiga_cuda_upload(void* to, void const* from_host, size_t bytes, void* stream);   /* waits */
int haiga_cuda_download(void* to_host, void const* from, size_t bytes, void* stream); /* waits */
int haiga_cuda_zero(void* to, size_t bytes, void* stream);
int haiga_cuda_synchronize(void* stream); /* waits, and tells what went wrong before it */

/* ---- element types */

typedef enum haiga_dtype { HAIGA_F32, HAIGA_BF16 } haiga_dtype;

/* ---- matrix products */

typedef enum haiga_form {
    HAIGA_NN, /* C[m, n] = A[m, k] B[k, n] */
    HAIGA_NT, /* C[m, n] = A[m, k] B[n, k]^T */
    HAIGA_TN  /* C[m, n] = A[k, m]^T B[k, n] */
} haiga_form;

/* C = or += A B (+ bias), summed in fp32. Types of A, B, C:
 *   f32  f32  f32
 *   bf16 bf16 bf16
 *   bf16 bf16 f32
 *   bf16 f32  bf16 or f32: B is first rounded to bf16, in the workspace
 * The bias is f32 [n], rounded to bf16 where C is. k is at least 1 unless m or n is 0. */
typedef struct haiga_product {
    haiga_form form;
    haiga_dtype a, b, c;
    int64_t m, n, k;
    int accumulate; /* C += ...; then there is no bias */
    int bias;       /* whether there is one */
    int tf32;       /* lets f32 operands be rounded to 10 bits of mantissa, for speed */
} haiga_product;

/* Chooses algorithms once a problem and remembers them. */
typedef struct haiga_products haiga_products;
int haiga_cuda_products_create(haiga_products** out);
void haiga_cuda_products_destroy(haiga_products* products);

size_t haiga_cuda_product_workspace(haiga_product const* problem); /* bytes; 256-byte aligned */
int haiga_cuda_product(haiga_products* products, haiga_product const* problem, void const* a,
                       void const* b, float const* bias, void* c, void* workspace,
                       size_t workspace_bytes, void* stream);

/* ---- group norm: statistics of x over (pixels, channels of a group), then
 *      y = gamma (x - mean) / sqrt(variance + eps) + beta, then SiLU if asked for
 *
 * Shapes: x, y, dx, dy [samples, pixels, channels] of `type`; stats [samples, groups, 2] f32, the
 *         mean and 1 / sqrt(variance + eps); gamma, beta, dgamma, dbeta [channels] f32.
 * Sums are taken in an order that depends on the problem alone: same input, same bytes. */
typedef struct haiga_group_norm {
    haiga_dtype type;
    int64_t samples, pixels, channels, groups;
    float eps;
    int silu;
} haiga_group_norm;

/* Bytes, enough for each of the functions below; 256-byte aligned. */
size_t haiga_cuda_group_norm_workspace(haiga_group_norm const* problem);

int haiga_cuda_group_stats(haiga_group_norm const* problem, void const* x, float* stats,
                           void* workspace, size_t workspace_bytes, void* stream);

/* y may be x. */
int haiga_cuda_group_apply(haiga_group_norm const* problem, void const* x, float const* stats,
                           float const* gamma, float const* beta, void* y, void* stream);

/* All assign; what is not wanted is null. dx may be dy. */
int haiga_cuda_group_apply_backward(haiga_group_norm const* problem, void const* dy, void const* x,
                                    float const* stats, float const* gamma, float const* beta,
                                    void* dx, float* dgamma, float* dbeta, void* workspace,
                                    size_t workspace_bytes, void* stream);

/* ---- out[c] = the sum of column c of x [rows, columns]: the gradient of a bias. In the same order
 *      whatever the device; out is f32 and assigned. */
size_t haiga_cuda_sum_rows_workspace(haiga_dtype type, int64_t rows, int64_t columns);
int haiga_cuda_sum_rows(haiga_dtype type, int64_t rows, int64_t columns, void const* x, float* out,
                        void* workspace, size_t workspace_bytes, void* stream);

#ifdef __cplusplus
}
#endif
