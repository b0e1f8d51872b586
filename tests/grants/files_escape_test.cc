#include "../support.h"
