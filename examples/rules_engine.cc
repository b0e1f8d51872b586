// Decides ten thousand orders by rules that somebody else wrote. Orders go in and decisions come
// out as structs, and a Scope makes all of it one run.

#include <boost/describe.hpp>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sandglass/sandglass.h>

enum class Verdict { accept, review, refuse };
BOOST_DESCRIBE_ENUM(Verdict, accept, review, refuse)

struct Order {
  int id = 0;
  std::string country;
  double amount = 0;
  std::vector<std::string> items;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, country, amount, items))

struct Decision {
  Verdict verdict = Verdict::review;
  double discount = 0;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(Decision, (), (verdict, discount, reason))

namespace {

constexpr const char* kRules = R"js(
  (order) => {
    if (order.amount > 900) return {verdict: 'review', discount: 0, reason: 'large'};
    if (order.country === 'XX') return {verdict: 'refuse', discount: 0, reason: 'embargo'};
    return {verdict: 'accept', discount: order.items.includes('tea') ? 0.1 : 0};
  })js";

std::vector<Order> make_orders() {
  std::vector<Order> orders;
  for (int i = 0; i < 10'000; i++) {
    orders.push_back({.id = i,
                      .country = i % 7 == 0 ? "XX" : "DE",
                      .amount = static_cast<double>(i % 1000),
                      .items = {i % 2 == 0 ? "tea" : "coffee", "sugar"}});
  }
  return orders;
}

sandglass::Result<std::vector<Decision>> decide(const std::vector<Order>& orders) {
  sandglass::Options options;
  options.limits.wall_time = std::chrono::seconds{10};  // for all orders together
  sandglass::Result<sandglass::Runtime> vm = sandglass::Runtime::create(std::move(options));
  if (!vm) return std::unexpected(vm.error());
  const auto rules =
      vm->eval<sandglass::Function<Decision(Order)>>(kRules, {.file_name = "rules.js"});
  if (!rules) return std::unexpected(rules.error());

  std::vector<Decision> decisions;
  decisions.reserve(orders.size());
  sandglass::Scope scope(*vm);
  for (const Order& order : orders) {
    sandglass::Result<Decision> decision = (*rules)(order);
    if (!decision) return std::unexpected(std::move(decision.error()));
    decisions.push_back(std::move(*decision));
  }
  if (auto done = scope.close(); !done) return std::unexpected(std::move(done.error()));
  return decisions;
}

}  // namespace

int main() {
  const std::vector<Order> orders = make_orders();
  const sandglass::Result<std::vector<Decision>> decisions = decide(orders);
  if (!decisions) return std::fprintf(stderr, "%s\n", describe(decisions.error()).c_str()), 1;

  int counts[3] = {};
  double saved = 0;
  for (std::size_t i = 0; i < orders.size(); i++) {
    const Decision& decision = (*decisions)[i];
    counts[static_cast<int>(decision.verdict)]++;
    saved += orders[i].amount * decision.discount;
  }
  std::printf("%d accepted, %d to review, %d refused; discounts of %.2f\n", counts[0], counts[1],
              counts[2], saved);
}
