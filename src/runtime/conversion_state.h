// Where the conversion that goes on on this thread stands.
#pragma once

#include <cstdint>
#include <utility>

namespace sandglass::detail {
class Descent;
}

namespace sandglass::runtime {

struct ConversionState {
  const detail::Descent* innermost = nullptr;
  int depth = 0;
  std::uint64_t bytes = 0;  // that it takes in C++ so far
};

extern constinit thread_local ConversionState conversion;

/// Host functions begin anew: what a getter calls in the middle of a conversion is no part of it.
class FreshConversion {
 public:
  FreshConversion() noexcept : outer_(std::exchange(conversion, {})) {}
  FreshConversion(const FreshConversion&) = delete;
  FreshConversion& operator=(const FreshConversion&) = delete;
  ~FreshConversion() { conversion = outer_; }

 private:
  ConversionState outer_;
};

}  // namespace sandglass::runtime
