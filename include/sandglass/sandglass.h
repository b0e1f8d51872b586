#pragma once

// The whole public API of sandglass: run untrusted JavaScript inside hard limits.

#include "sandglass/class.h"
#include "sandglass/context.h"
#include "sandglass/convert.h"
#include "sandglass/convert/containers.h"
#include "sandglass/convert/described.h"
#include "sandglass/convert/errors.h"
#include "sandglass/convert/numbers.h"
#include "sandglass/convert/strings.h"
#include "sandglass/convert/time.h"
#include "sandglass/error.h"
#include "sandglass/function.h"
#include "sandglass/host_module.h"
#include "sandglass/iterate.h"
#include "sandglass/limits.h"
#include "sandglass/module_loader.h"
#include "sandglass/options.h"
#include "sandglass/runtime.h"
#include "sandglass/value.h"
#include "sandglass/version.h"
