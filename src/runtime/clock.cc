// What time the script is told, and chance: both as they are granted.
#include <algorithm>
#include <date/tz.h>
#include <stdexcept>
#include <sys/random.h>

#include "runtime/options.h"
#include "runtime/vm.h"

namespace sandglass::runtime {

using std::chrono::nanoseconds;
using SteadyClock = std::chrono::steady_clock;

namespace {

// Dates of JavaScript reach further than the table of the library can be asked.
constexpr std::int64_t kLatestZoneTime = 32'503'680'000;  // year 3000, in seconds
constexpr std::int64_t kEarliestZoneTime = -kLatestZoneTime;

// Small seeds would make small numbers at first (the finalizer of MurmurHash3, Appleby).
std::uint64_t scrambled(std::uint64_t seed) {
  seed += 0x9e3779b97f4a7c15;
  seed = (seed ^ (seed >> 33)) * 0xff51afd7ed558ccd;
  seed = (seed ^ (seed >> 33)) * 0xc4ceb9fe1a85ec53;
  return seed ^ (seed >> 33);
}

}  // namespace

const date::time_zone* find_time_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {  // no such zone, or no database
    return nullptr;
  }
}

// After each creation and reset: the machine has forgotten both.
void Vm::begin_time() {
  const Grants& grants = options_.grants;
  time_zone_ = grants.time_zone == "UTC" ? nullptr : find_time_zone(grants.time_zone);
  origin_time_ = SteadyClock::now() - kept_.elapsed;
  began_at_ = Clock::Time(std::chrono::system_clock::now()) - kept_.elapsed;
  tell_time();
  std::optional<std::uint64_t> seed = grants.random.seed();
  engine_->machine().set_random(seed);
  if (!seed) {
    std::uint64_t random = 0;
    static_cast<void>(getrandom(&random, sizeof random, 0));
    seed = random;
  }
  math_random_seed_ = scrambled(*seed);
}

void Vm::tell_time() {
  const Clock& clock = options_.grants.clock;
  machine::GuestClock told;
  if (clock.runs()) {
    told.runs = true;
    told.origin = static_cast<std::uint64_t>(origin_time_.time_since_epoch().count());
    told.resolution = static_cast<std::uint64_t>(clock.resolution().count());
  } else {
    const bool moves = clock.kind() == Clock::Kind::simulated;
    const nanoseconds passed = moves ? kept_.elapsed : nanoseconds{0};
    told.wall = static_cast<std::uint64_t>((clock.start().time_since_epoch() + passed).count());
    told.monotonic += static_cast<std::uint64_t>(passed.count());
  }
  engine_->machine().set_clock(told);
}

nanoseconds Vm::elapsed() const {
  return options_.grants.clock.runs() ? SteadyClock::now() - origin_time_ : kept_.elapsed;
}

double Vm::time_origin() const {
  const Clock& clock = options_.grants.clock;
  const nanoseconds since = clock.runs() ? began_at_.time_since_epoch() -
                                               began_at_.time_since_epoch() % clock.resolution()
                                         : clock.start().time_since_epoch();
  return std::chrono::duration<double, std::milli>(
             std::chrono::duration_cast<std::chrono::milliseconds>(since))
      .count();
}

std::int32_t Vm::utc_offset_seconds(std::int64_t time) noexcept {
  if (time_zone_ == nullptr) return 0;
  try {
    const date::sys_seconds at{
        std::chrono::seconds{std::clamp(time, kEarliestZoneTime, kLatestZoneTime)}};
    return static_cast<std::int32_t>(time_zone_->get_info(at).offset.count());
  } catch (const std::exception&) {  // the host's memory, or its database, is gone
    return 0;
  }
}

}  // namespace sandglass::runtime
