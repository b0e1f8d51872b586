#pragma once

// The whole public API of sandglass: run untrusted JavaScript inside hard limits.

#include "sandglass/error.h"
#include "sandglass/limits.h"
#include "sandglass/options.h"
#include "sandglass/runtime.h"
#include "sandglass/value.h"
#include "sandglass/version.h"
