// What sanitizers must know of code that runs on the guest's stack or in signal handlers.
#pragma once

/// For functions that may be left in the middle (see activation.h): no shadow call stack may be
/// kept of them, no stack memory poisoned.
#if defined(__clang__)
#define SANDGLASS_UNINSTRUMENTED __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define SANDGLASS_UNINSTRUMENTED \
  __attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif

#if defined(__SANITIZE_THREAD__)
#define SANDGLASS_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANDGLASS_THREAD_SANITIZER 1
#endif
#endif
