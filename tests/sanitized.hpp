#pragma once

/// HAIGA_TEST_SANITIZED: sanitizers end the program where memory cannot be had.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAIGA_TEST_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAIGA_TEST_SANITIZED 1
#endif
