// Channels: between threads, between a thread and a script, and between scripts.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "types.h"

namespace sandglass::test {
namespace {

constexpr EvalOptions kAwait{.file_name = "main.js", .top_level_await = true};

/// Long enough for any machine, and short enough to tell a hang.
[[nodiscard]] Limits waiting(nanoseconds wall = seconds{30}) {
  Limits limits;
  limits.wall_time = wall;
  return limits;
}
[[nodiscard]] Clock::time_point late() {
  return Clock::now() + seconds{10};
}
[[nodiscard]] Clock::time_point soon() {
  return Clock::now() + milliseconds{20};
}
[[nodiscard]] Clock::time_point past() {
  return Clock::now() - seconds{1};
}

/// Gives the script a function `go` that lets a thread go on.
[[nodiscard]] std::shared_ptr<std::latch> lets_signal(Runtime& vm) {
  auto latch = std::make_shared<std::latch>(1);
  EXPECT_TRUE(vm.set("go", [latch] { latch->count_down(); }));
  return latch;
}

// Between threads of C++.

TEST(ChannelOfThreads, KeepsTheOrder) {
  for (const std::size_t capacity : {1, 2, 16, 1000}) {
    const Channel<int> channel(capacity);
    std::jthread sender([channel] {
      for (int i = 0; i < scaled(5000); ++i) EXPECT_TRUE(channel.send(i));
      channel.close();
    });
    int expected = 0;
    while (const std::optional<int> item = channel.receive(late())) ASSERT_EQ(*item, expected++);
    EXPECT_EQ(expected, scaled(5000)) << "capacity " << capacity;
  }
}

TEST(ChannelOfThreads, HoldsAsManyAsItsCapacity) {
  const Channel<int> channel(2);
  EXPECT_TRUE(channel.try_send(1));
  EXPECT_TRUE(channel.try_send(2));
  EXPECT_FALSE(channel.try_send(3));
  EXPECT_EQ(channel.try_receive(), 1);
  EXPECT_TRUE(channel.try_send(4));
  EXPECT_EQ(channel.try_receive(), 2);
  EXPECT_EQ(channel.try_receive(), 4);
  EXPECT_EQ(channel.try_receive(), std::nullopt);
}

TEST(ChannelOfThreads, DefaultCapacityIsSixteen) {
  const Channel<int> channel;
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(channel.try_send(i));
  EXPECT_FALSE(channel.try_send(16));
}

TEST(ChannelOfThreads, WithoutCapacityHoldsNothing) {
  const Channel<int> channel(0);
  EXPECT_FALSE(channel.try_send(1));
  EXPECT_EQ(channel.try_receive(), std::nullopt);
  EXPECT_FALSE(channel.send(1, soon()));
  EXPECT_EQ(channel.receive(soon()), std::nullopt);
  EXPECT_EQ(channel.try_receive(), std::nullopt) << "what was given up is gone";
}

TEST(ChannelOfThreads, WithoutCapacityHandsOver) {
  const Channel<int> channel(0);
  std::atomic<int> sent = 0;
  std::jthread sender([&] {
    for (int i = 0; i < 100; ++i) {
      if (!channel.send(i, late())) break;
      ++sent;
    }
    channel.close();
  });
  int expected = 0;
  while (const std::optional<int> item = channel.receive(late())) ASSERT_EQ(*item, expected++);
  sender.join();
  EXPECT_EQ(expected, 100) << "a sender waits for a receiver, and a receiver is there";
  EXPECT_EQ(sent, 100);
}

TEST(ChannelOfThreads, SenderDoesNotRunAheadOfItsReceiver) {
  constexpr int kCapacity = 3;
  const Channel<int> channel(kCapacity);
  std::atomic<int> sent = 0;
  std::jthread sender([&] {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_TRUE(channel.send(i));
      ++sent;
    }
    channel.close();
  });
  int received = 0;
  while (channel.receive(late())) {
    ++received;
    // It may have been woken by what was just taken, once for each.
    EXPECT_LE(sent, received + kCapacity + 1);
  }
  EXPECT_EQ(received, 1000);
}

TEST(ChannelOfThreads, DeadlinesEndWaits) {
  const Channel<int> channel(1);
  EXPECT_EQ(channel.receive(soon()), std::nullopt);
  EXPECT_EQ(channel.receive(past()), std::nullopt);
  EXPECT_TRUE(channel.send(1, past())) << "there is room, nothing to wait for";
  EXPECT_FALSE(channel.send(2, soon()));
  EXPECT_FALSE(channel.send(3, past()));
  EXPECT_EQ(channel.receive(past()), 1);
  EXPECT_EQ(channel.receive(past()), std::nullopt) << "what was not sent is not there";
}

TEST(ChannelOfThreads, DeadlineAtTheEndOfTimeIsNone) {
  const Channel<int> channel(1);
  std::jthread sender([channel] { channel.send(5, Clock::time_point::max()); });
  EXPECT_EQ(channel.receive(Clock::time_point::max()), 5);
}

TEST(ChannelOfThreads, CloseWakesAllWhoWait) {
  const Channel<int> full(1);
  const Channel<int> empty(1);
  ASSERT_TRUE(full.send(0));
  std::atomic<int> refused = 0;
  std::atomic<int> ended = 0;
  {
    std::latch started(8);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        started.count_down();
        refused += !full.send(1);
      });
      threads.emplace_back([&] {
        started.count_down();
        ended += !empty.receive().has_value();
      });
    }
    started.wait();
    full.close();
    empty.close();
  }
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(ended, 4);
}

TEST(ChannelOfThreads, ClosedOneGivesWhatIsInItAndTakesNoMore) {
  const Channel<int> channel(4);
  ASSERT_TRUE(channel.send(1));
  ASSERT_TRUE(channel.send(2));
  channel.close();
  channel.close();
  EXPECT_FALSE(channel.send(3));
  EXPECT_FALSE(channel.try_send(3));
  EXPECT_EQ(channel.receive(), 1);
  EXPECT_EQ(channel.try_receive(), 2);
  EXPECT_EQ(channel.receive(), std::nullopt);
  EXPECT_EQ(channel.try_receive(), std::nullopt);
}

TEST(ChannelOfThreads, CopiesShareTheQueue) {
  const Channel<std::string> channel(1);
  const Channel<std::string> copy = channel;  // NOLINT(performance-unnecessary-copy-initialization)
  ASSERT_TRUE(channel.send("a"));
  EXPECT_FALSE(copy.try_send("b"));
  EXPECT_EQ(copy.receive(), "a");
}

TEST(ChannelOfThreads, DroppedCopyDoesNotClose) {
  Channel<int> channel(4);
  {
    const Channel<int> copy = channel;
  }  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_TRUE(channel.try_send(1));
  const Channel<int> moved = std::move(channel);
  EXPECT_TRUE(moved.try_send(2));
  EXPECT_EQ(moved.receive(), 1);
}

TEST(ChannelOfThreads, EachItemGoesToOneOfManyReceivers) {
  for (const std::size_t capacity : {0, 1, 8}) {
    constexpr int kSenders = 4;
    const int each = scaled(2000);
    const Channel<int> channel(capacity);
    std::mutex mutex;
    std::vector<int> got;
    {
      std::vector<std::jthread> receivers;
      for (int i = 0; i < 4; ++i) {
        receivers.emplace_back([&] {
          std::vector<int> mine;
          int last[kSenders] = {-1, -1, -1, -1};
          while (const std::optional<int> item = channel.receive()) {
            mine.push_back(*item);
            EXPECT_GT(*item / kSenders, last[*item % kSenders]) << "items of a sender keep order";
            last[*item % kSenders] = *item / kSenders;
          }
          const std::lock_guard lock(mutex);
          got.insert(got.end(), mine.begin(), mine.end());
        });
      }
      {
        std::vector<std::jthread> senders;
        for (int id = 0; id < kSenders; ++id) {
          senders.emplace_back([&, id] {
            for (int i = 0; i < each; ++i) EXPECT_TRUE(channel.send(i * kSenders + id));
          });
        }
      }
      channel.close();
    }
    std::ranges::sort(got);
    std::vector<int> all(static_cast<std::size_t>(kSenders * each));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(got, all);
  }
}

TEST(ChannelOfThreads, DeadlinesThatEndWhileItemsArriveLoseNothing) {
  for (const std::size_t capacity : {0, 1}) {
    const Channel<int> channel(capacity);
    std::atomic<std::int64_t> sent = 0;
    std::atomic<std::int64_t> received = 0;
    {
      std::atomic<int> senders = 2;
      std::vector<std::jthread> threads;
      for (int id = 0; id < 2; ++id) {
        threads.emplace_back([&, id] {
          for (int i = 1; i <= scaled(2000); ++i) {
            const auto deadline = Clock::now() + std::chrono::microseconds{(i * 7 + id) % 40};
            if (channel.send(i, deadline)) sent += i;
          }
          if (--senders == 0) channel.close();
        });
        threads.emplace_back([&, id] {
          for (int i = 0; senders > 0; ++i) {
            const auto deadline = Clock::now() + std::chrono::microseconds{(i * 11 + id) % 40};
            if (const std::optional<int> item = channel.receive(deadline)) received += *item;
          }
        });
      }
    }
    while (const std::optional<int> item = channel.receive()) received += *item;
    EXPECT_EQ(sent, received) << "what send() called sent arrives, capacity " << capacity;
  }
}

TEST(ChannelOfThreads, ItemsMayBeMoveOnly) {
  const Channel<std::unique_ptr<int>> channel(1);
  std::jthread sender([channel] {
    for (int i = 0; i < 10; ++i) channel.send(std::make_unique<int>(i));
  });
  for (int i = 0; i < 10; ++i) {
    const auto item = channel.receive(late());
    ASSERT_TRUE(item);
    EXPECT_EQ(**item, i);
  }
}

TEST(ChannelOfThreads, ItemsThatNobodyTakesAreDestroyed) {
  const auto item = std::make_shared<int>(1);
  {
    const Channel<std::shared_ptr<int>> channel(2);
    ASSERT_TRUE(channel.send(item));
    ASSERT_TRUE(channel.send(item));
    EXPECT_FALSE(channel.try_send(item));
    EXPECT_EQ(item.use_count(), 3);
  }
  EXPECT_EQ(item.use_count(), 1);
}

// Between C++ and a script.

class ScriptChannel : public ::testing::Test {
 protected:
  [[nodiscard]] ::testing::AssertionResult awaits(std::string_view source,
                                                  std::string_view expected) {
    return gives(vm_, source, expected, kAwait);
  }
  Runtime vm_ = make_runtime(waiting());
};

TEST_F(ScriptChannel, IsAnAsyncIterableWithThreeMethods) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  EXPECT_TRUE(gives(vm_,
                    "[typeof ch.send, typeof ch.receive, typeof ch.close, "
                    "typeof ch[Symbol.asyncIterator], typeof ch[Symbol.iterator]].join()",
                    "function,function,function,function,undefined"));
}

TEST_F(ScriptChannel, ItemsOfAThreadArriveInOrderUntilItCloses) {
  for (const std::size_t capacity : {0, 1, 16}) {
    constexpr int kCount = scaled(2000);
    const Channel<int> channel(capacity);
    ASSERT_TRUE(vm_.set("ch", channel));
    std::jthread sender([channel] {
      for (int i = 0; i < kCount; ++i) EXPECT_TRUE(channel.send(i));
      channel.close();
    });
    EXPECT_TRUE(awaits("{ let n = 0; for await (const i of ch) if (i !== n++) throw i; n }",
                       fmt::to_string(kCount)))
        << "capacity " << capacity;
    channel.close();  // lets the thread end if the script failed
  }
}

TEST_F(ScriptChannel, ItemsOfAScriptArriveInOrderUntilItCloses) {
  for (const std::size_t capacity : {0, 1, 16}) {
    const int count = scaled(2000);
    const Channel<int> channel(capacity);
    ASSERT_TRUE(vm_.set("ch", channel));
    std::atomic<int> right = 0;
    std::jthread receiver([&, channel] {
      while (const std::optional<int> item = channel.receive()) right += *item == right;
    });
    EXPECT_TRUE(awaits(fmt::format("{{ let sent = 0; for (let i = 0; i < {}; i++) "
                                   "sent += await ch.send(i); ch.close(); sent }}",
                                   count),
                       fmt::to_string(count)))
        << "capacity " << capacity;
    channel.close();
    receiver.join();
    EXPECT_EQ(right, count);
  }
}

TEST_F(ScriptChannel, SendWaitsForRoom) {
  const Channel<int> channel(1);
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(
      vm_.eval("globalThis.done = []; "
               "for (const i of [1, 2, 3]) ch.send(i).then((ok) => done.push(i + ':' + ok)); 0"));
  const auto done = [&] { return outcome(vm_.eval("done.join()")); };
  EXPECT_EQ(done(), "1:true");
  EXPECT_EQ(channel.try_receive(), 1);
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_EQ(done(), "1:true,2:true");
  EXPECT_EQ(channel.try_receive(), 2);
  EXPECT_EQ(channel.try_receive(), 3);
  EXPECT_EQ(channel.try_receive(), std::nullopt);
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_EQ(done(), "1:true,2:true,3:true");
}

TEST_F(ScriptChannel, WithoutCapacitySendWaitsForAReceiver) {
  const Channel<int> channel(0);
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(vm_.eval("globalThis.sent = 'pending'; ch.send(4).then((ok) => { sent = ok }); 0"));
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_TRUE(gives(vm_, "sent", "pending"));
  EXPECT_EQ(channel.try_receive(), 4);
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_TRUE(gives(vm_, "sent", "true"));
}

TEST_F(ScriptChannel, ThreadDoesNotRunAheadOfTheScript) {
  constexpr int kCapacity = 2;
  const Channel<int> channel(kCapacity);
  ASSERT_TRUE(vm_.set("ch", channel));
  std::atomic<int> sent = 0;
  std::jthread sender([&] {
    for (int i = 0; i < 300; ++i) {
      if (!channel.send(i)) break;
      ++sent;
    }
    channel.close();
  });
  ASSERT_TRUE(vm_.set("sent", [&] { return sent.load(); }));
  EXPECT_TRUE(awaits(fmt::format(R"js(
    let received = 0, most = 0;
    for await (const i of ch) {{
      received++;
      most = Math.max(most, sent() - received);
    }}
    [received, most <= {}].join())js",
                                 kCapacity + 2),
                     "300,true"));
  channel.close();
}

TEST_F(ScriptChannel, ReceiveGivesUndefinedAtTheEnd) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(channel.send(1));
  channel.close();
  EXPECT_TRUE(
      awaits("[await ch.receive(), typeof await ch.receive(), typeof await ch.receive()].join()",
             "1,undefined,undefined"));
  EXPECT_TRUE(awaits("let n = 0; for await (const i of ch) n++; n", "0"));
}

TEST_F(ScriptChannel, WaitingReceiversAreServedInTheirOrder) {
  const Channel<std::string> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(
      vm_.eval("globalThis.all = Promise.all([ch.receive(), ch.receive(), ch.receive()]); 0"));
  EXPECT_TRUE(channel.try_send("a"));
  EXPECT_TRUE(channel.try_send("b"));
  channel.close();
  EXPECT_TRUE(awaits("JSON.stringify(await all)", R"(["a","b",null])"));
}

TEST_F(ScriptChannel, WaitingReceiverIsRoomWithoutCapacity) {
  const Channel<int> channel(0);
  ASSERT_TRUE(vm_.set("ch", channel));
  EXPECT_FALSE(channel.try_send(1));
  ASSERT_TRUE(vm_.eval("globalThis.p = ch.receive(); 0"));
  EXPECT_TRUE(channel.try_send(2));
  EXPECT_FALSE(channel.try_send(3)) << "it takes one";
  EXPECT_TRUE(awaits("await p", "2"));
}

TEST_F(ScriptChannel, ClosedByTheHostRefusesTheScript) {
  const Channel<int> channel(1);
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(vm_.eval("globalThis.all = Promise.all([ch.send(1), ch.send(2), ch.send(3)]); 0"));
  channel.close();
  EXPECT_TRUE(awaits("(await all).join()", "true,false,false"));
  EXPECT_TRUE(awaits("await ch.send(4)", "false"));
  EXPECT_EQ(channel.receive(late()), 1);
  EXPECT_EQ(channel.receive(late()), std::nullopt);
}

TEST_F(ScriptChannel, ClosedByTheScriptEndsTheHost) {
  const Channel<int> channel(1);
  ASSERT_TRUE(vm_.set("ch", channel));
  std::optional<int> got = 0;
  std::jthread receiver([&] {
    while (got) got = channel.receive();
  });
  EXPECT_TRUE(awaits("await ch.send(1); ch.close(); ch.close()", "undefined"));
  receiver.join();
  EXPECT_EQ(got, std::nullopt);
  EXPECT_FALSE(channel.send(2));
}

TEST_F(ScriptChannel, ClosedByTheScriptWakesASenderOfTheHost) {
  const Channel<int> channel(1);
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(channel.send(1));
  std::latch started(1);
  std::atomic<bool> sent = true;
  std::jthread sender([&] {
    started.count_down();
    sent = channel.send(2);
  });
  started.wait();
  ASSERT_TRUE(vm_.eval("ch.close()"));
  sender.join();
  EXPECT_FALSE(sent);
}

TEST_F(ScriptChannel, LastCopyOfTheHostDroppedCloses) {
  std::optional<Channel<int>> channel(2);
  ASSERT_TRUE(vm_.set("ch", *channel));
  std::optional<Channel<int>> copy = channel;
  ASSERT_TRUE(channel->send(1));
  channel.reset();
  ASSERT_TRUE(
      vm_.eval("globalThis.all = (async () => { const got = []; "
               "for await (const i of ch) got.push(i); return 'end after ' + got })(); 0"));
  ASSERT_TRUE(vm_.eval("globalThis.ended = false; all.then(() => { ended = true }); 0"));
  EXPECT_EQ(vm_.run(soon()).value_or(true), false) << "a copy is left";
  EXPECT_TRUE(gives(vm_, "ended", "false"));
  std::thread([&] { copy.reset(); }).join();
  EXPECT_TRUE(awaits("await all", "end after 1"));
  EXPECT_TRUE(awaits("await ch.send(1)", "false"));
}

TEST_F(ScriptChannel, WhatIsInOneThatTheHostDroppedCanBeReceived) {
  {
    const Channel<std::string> channel(2);
    ASSERT_TRUE(vm_.set("ch", channel));
    ASSERT_TRUE(channel.send("left"));
    ASSERT_TRUE(channel.send("over"));
  }
  EXPECT_TRUE(awaits("let all = ''; for await (const s of ch) all += s; all", "leftover"));
}

TEST_F(ScriptChannel, BreakLeavesTheRest) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(channel.send(i));
  EXPECT_TRUE(
      awaits("{ let got; for await (const i of ch) { got = i; if (i === 1) break } got }", "1"));
  EXPECT_TRUE(channel.try_send(4)) << "it is not closed";
  EXPECT_EQ(channel.try_receive(), 2);
  channel.close();
  EXPECT_TRUE(
      awaits("{ const got = []; for await (const i of ch) got.push(i); got.join() }", "3,4"));
}

TEST_F(ScriptChannel, ThrowInTheLoopLeavesTheRest) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(channel.send(i));
  EXPECT_TRUE(fails(vm_, "for await (const i of ch) throw new Error('at ' + i)", Errc::threw,
                    nullptr, kAwait));
  EXPECT_EQ(channel.try_receive(), 1);
  EXPECT_TRUE(awaits("await ch.receive()", "2"));
}

TEST_F(ScriptChannel, IteratorCanBeUsedByHand) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  for (int i = 1; i < 4; ++i) ASSERT_TRUE(channel.send(i));
  EXPECT_TRUE(awaits(R"js(
    const iterator = ch[Symbol.asyncIterator]();
    const [a, b] = await Promise.all([iterator.next(), iterator.next()]);
    const end = await iterator.return('value');
    JSON.stringify([a, b, end, iterator[Symbol.asyncIterator]() === iterator]))js",
                     R"([{"value":1,"done":false},{"value":2,"done":false},)"
                     R"({"value":"value","done":true},true])"));
}

TEST_F(ScriptChannel, MethodsWorkWithoutTheirObject) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  EXPECT_TRUE(
      awaits("const { send, receive, close } = ch; await send(3); "
             "const got = await receive(); close(); [got, await send(4)].join()",
             "3,false"));
}

TEST_F(ScriptChannel, ItemsAreConvertedBothWays) {
  const Channel<User> users;
  ASSERT_TRUE(vm_.set("users", users));
  ASSERT_TRUE(users.send(User{"Ada", {{"Bob", 7}}, Colour::blue}));
  EXPECT_TRUE(
      awaits("const u = await users.receive(); u.friends[0].age++; u.name += '!'; "
             "await users.send(u)",
             "true"));
  EXPECT_EQ(users.receive(late()), (User{"Ada!", {{"Bob", 8}}, Colour::blue}));
}

TEST_F(ScriptChannel, MoveOnlyItemsCrossBothWays) {
  const Channel<std::unique_ptr<int>> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(channel.send(std::make_unique<int>(20)));
  EXPECT_TRUE(awaits("await ch.send(await ch.receive() + 1)", "true"));
  const auto item = channel.receive(late());
  ASSERT_TRUE(item);
  ASSERT_NE(*item, nullptr);
  EXPECT_EQ(**item, 21);
}

TEST_F(ScriptChannel, ItemThatDoesNotFitIsATypeErrorAndIsNotSent) {
  const Channel<User> channel(1);
  ASSERT_TRUE(vm_.set("ch", channel));
  EXPECT_TRUE(awaits(R"js(
    const tell = async (item) => { try { await ch.send(item); return 'sent' }
                                   catch (e) { return e.name + ': ' + e.message } };
    await tell({ name: 'Ada', friends: [{ name: 4 }], colour: 'red' }))js",
                     "TypeError: argument 1.friends[0].name: expected string, got number"));
  EXPECT_TRUE(awaits("let e; try { await ch.send() } catch (c) { e = c } e.message",
                     "argument 1: expected object, got undefined (it is missing)"));
  EXPECT_EQ(channel.try_receive(), std::nullopt);
  EXPECT_TRUE(awaits("await tell({ name: 'Ada', friends: [], colour: 'red' })", "sent"));
}

TEST_F(ScriptChannel, ItemThatCannotBeMadeRejectsItsReceiverOnly) {
  const Channel<std::string> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(channel.send("\xff\xfe"));
  ASSERT_TRUE(channel.send("good"));
  EXPECT_TRUE(
      awaits("const e = await ch.receive().catch((e) => e); [e instanceof TypeError, "
             "await ch.receive()].join()",
             "true,good"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(ScriptChannel, GivenTwiceSharesItsQueue) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("a", channel));
  ASSERT_TRUE(vm_.set("b", channel));
  EXPECT_TRUE(
      awaits("await a.send(1); await b.send(2); "
             "[await b.receive(), await a.receive()].join()",
             "1,2"));
}

TEST_F(ScriptChannel, MadeByAHostFunctionLivesAsLongAsItsLastCopy) {
  std::vector<Channel<int>> kept;
  ASSERT_TRUE(vm_.set("open", [&kept](bool keep) {
    Channel<int> channel(4);
    if (keep) kept.push_back(channel);
    return channel;
  }));
  EXPECT_TRUE(awaits("const ch = open(true); await ch.send(1)", "true"));
  EXPECT_EQ(kept.at(0).try_receive(), 1);
  EXPECT_TRUE(awaits("await open(false).send(1)", "false")) << "nobody is left to receive it";
}

// Waits that end otherwise.

TEST_F(ScriptChannel, WallTimeEndsAWaitAndTheReceiverGoesOn) {
  Runtime vm = make_runtime(waiting(milliseconds{100}));
  const Channel<int> channel;
  ASSERT_TRUE(vm.set("ch", channel));
  Error error;
  EXPECT_TRUE(fails(vm, "globalThis.p = ch.receive(); await p", Errc::time_limit, &error, kAwait));
  EXPECT_TRUE(as_reported(vm, error));
  EXPECT_TRUE(channel.try_send(3));
  EXPECT_EQ(channel.try_receive(), std::nullopt) << "it went to who waited for it";
  EXPECT_EQ(outcome(patiently(vm, [&] { return vm.eval("await p", kAwait); })), "3");
}

TEST_F(ScriptChannel, InterruptEndsAWait) {
  for (const std::string_view wait : {"ch.receive()", "ch.send(1)"}) {
    const Channel<int> channel(0);
    ASSERT_TRUE(vm_.set("ch", channel));
    const auto go = lets_signal(vm_);
    std::jthread other([&] {
      go->wait();
      vm_.interrupt();
    });
    Error error;
    EXPECT_TRUE(fails(vm_, fmt::format("{{ const p = {}; go(); await p }}", wait),
                      Errc::interrupted, &error, kAwait));
    other.join();
    EXPECT_TRUE(as_reported(vm_, error));
  }
}

TEST_F(ScriptChannel, ItemIsNotLostToAVmThatIsGone) {
  const Channel<int> channel(4);
  {
    Runtime gone = make_runtime();
    ASSERT_TRUE(gone.set("ch", channel));
    ASSERT_TRUE(gone.eval("ch.receive(); ch.receive(); 0"));
  }
  EXPECT_TRUE(channel.try_send(1));
  ASSERT_TRUE(vm_.set("ch", channel));
  EXPECT_TRUE(channel.try_send(2));
  EXPECT_TRUE(awaits("[await ch.receive(), await ch.receive()].join()", "1,2"));
}

TEST_F(ScriptChannel, ItemIsNotLostToAStateThatIsGone) {
  const Channel<int> channel(4);
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(vm_.eval("ch.receive(); ch.receive(); 0"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(channel.try_send(1));
  EXPECT_TRUE(channel.try_send(2));
  EXPECT_EQ(channel.try_receive(), 1);
  EXPECT_EQ(channel.try_receive(), 2);
}

TEST_F(ScriptChannel, SenderOfAVmThatIsGoneBlocksNobody) {
  const Channel<int> channel(1);
  {
    Runtime gone = make_runtime();
    ASSERT_TRUE(gone.set("ch", channel));
    ASSERT_TRUE(gone.eval("ch.send(1); ch.send(2); 0"));
  }
  EXPECT_EQ(channel.receive(late()), 1);
  static_cast<void>(
      channel.try_receive());  // the other was waiting: sent or not, it is out of the way
  EXPECT_TRUE(channel.send(3, late()));
  EXPECT_EQ(channel.receive(late()), 3);
}

TEST_F(ScriptChannel, VmMayEndWhileThreadsWaitAtItsChannel) {
  const Channel<int> channel(1);
  std::atomic<int> received = 0;
  std::jthread receiver([&] {
    while (channel.receive()) ++received;
  });
  for (int i = 0; i < scaled(50); ++i) {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("ch", channel));
    ASSERT_TRUE(vm.eval("ch.send(1); ch.send(2); ch.receive(); 0"));
  }
  channel.close();
}

TEST_F(ScriptChannel, ReceivesAtItsEndAreDiagnosedNotWaitedFor) {
  {
    ASSERT_TRUE(vm_.set("ch", Channel<int>()));
  }
  EXPECT_TRUE(awaits("typeof await ch.receive()", "undefined"));
  EXPECT_TRUE(
      fails(vm_, "await ch.receive(); await new Promise(() => {})", Errc::threw, nullptr, kAwait));
}

// Between scripts.

TEST_F(ScriptChannel, ScriptsOfOneVmTalk) {
  for (const std::size_t capacity : {0, 1, 3, 100}) {
    const Channel<int> channel(capacity);
    ASSERT_TRUE(vm_.set("ch", channel));
    EXPECT_TRUE(awaits(R"js({
      const got = [];
      const receiver = (async () => { for await (const i of ch) got.push(i) })();
      for (let i = 0; i < 50; i++) if (!await ch.send(i)) throw i;
      ch.close();
      await receiver;
      got.every((n, i) => n === i) && got.length })js",
                       "50"))
        << "capacity " << capacity;
  }
}

TEST_F(ScriptChannel, SeveralReceiversOfAScriptShareTheItems) {
  const Channel<int> channel(2);
  ASSERT_TRUE(vm_.set("ch", channel));
  EXPECT_TRUE(awaits(R"js(
    const got = [[], [], []];
    const receivers = got.map(async (mine) => { for await (const i of ch) mine.push(i) });
    const senders = [0, 1].map(async (id) => {
      for (let i = 0; i < 30; i++) await ch.send(2 * i + id);
    });
    await Promise.all(senders);
    ch.close();
    await Promise.all(receivers);
    const all = got.flat();
    const sorted = (list) => list.every((n, i) => i === 0 || list[i - 1] < n);
    const of = (mine, id) => mine.filter((n) => n % 2 === id);
    [all.length, new Set(all).size, got.every((mine) => mine.length > 0),
     [0, 1].every((id) => got.every((mine) => sorted(of(mine, id))))].join())js",
                     "60,60,true,true"));
}

TEST_F(ScriptChannel, VmsOnOneThreadTalkInTurns) {
  Runtime other = make_runtime(waiting());
  const Channel<std::string> channel(1);
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(other.set("ch", channel));
  ASSERT_TRUE(
      other.eval("globalThis.got = ''; (async () => { for await (const s of ch) got += s })(); 0"));
  ASSERT_TRUE(
      vm_.eval("(async () => { for (const s of 'abcd') await ch.send(s); ch.close() })(); 0"));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(vm_.eval("0"));
    ASSERT_TRUE(other.eval("0"));
  }
  EXPECT_TRUE(gives(other, "got", "abcd"));
}

TEST_F(ScriptChannel, ServesAsARequestQueue) {
  const Channel<int> jobs(4);
  const Channel<int> results(4);
  ASSERT_TRUE(vm_.set("jobs", jobs));
  ASSERT_TRUE(vm_.set("results", results));
  const int count = scaled(500);
  std::atomic<std::int64_t> sum = 0;
  std::jthread producer([&] {
    for (int i = 0; i < count; ++i) jobs.send(i);
    jobs.close();
  });
  std::jthread consumer([&] {
    while (const std::optional<int> result = results.receive()) sum += *result;
  });
  EXPECT_TRUE(
      awaits("let n = 0; for await (const job of jobs) { await results.send(2 * job); n++ } "
             "results.close(); n",
             fmt::to_string(count)));
  jobs.close();
  results.close();
  producer.join();
  consumer.join();
  EXPECT_EQ(sum, std::int64_t{count} * (count - 1));
}

TEST_F(ScriptChannel, ManyItemsDoNotGrow) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = make_runtime(limits);
  const Channel<std::string> channel(8);
  ASSERT_TRUE(vm.set("ch", channel));
  const std::string turn =
      "await ch.send('x'.repeat(100)); if ((await ch.receive()).length !== 100) throw 1";
  ASSERT_TRUE(gives(vm, turn + "; 1", "1", kAwait));
  ASSERT_TRUE(vm.collect_garbage());
  const Stats before = vm.stats();
  ASSERT_TRUE(gives(vm,
                    fmt::format("for (let i = 0; i < {}; i++) {{ {} }} 1", scaled(20'000), turn),
                    "1", kAwait));
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_LT(vm.stats().memory_bytes, before.memory_bytes + 64 * kKiB);
  EXPECT_EQ(vm.stats().host_functions, before.host_functions);
}

TEST_F(ScriptChannel, ManyPendingReceiversAndSendersAllEnd) {
  const Channel<int> channel(0);
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(
      vm_.eval("globalThis.all = Promise.all(Array.from({length: 2000}, () => ch.receive())); 0"));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(channel.try_send(1));
  channel.close();
  EXPECT_TRUE(awaits("(await all).filter((n) => n === 1).length", "1000"));
  EXPECT_TRUE(
      awaits("(await Promise.all(Array.from({length: 2000}, () => ch.send(1)))).some((ok) => ok)",
             "false"));
}

// Scripts that try to confuse it.

TEST_F(ScriptChannel, ReplacedBuiltInsDoNotConfuseIt) {
  const Channel<int> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(vm_.eval(R"js(
    globalThis.asyncIterator = Symbol.asyncIterator;
    Promise.prototype.then = () => { throw new Error('hacked') };
    Promise.prototype.constructor = undefined;
    Object.prototype.value = 'forged';
    Object.defineProperty(Object.prototype, 'done',
                          { __proto__: null, get() { return true }, set() {} });
    globalThis.Symbol = undefined;
    globalThis.Promise = undefined;
    0)js"));
  ASSERT_TRUE(channel.send(7));
  const Value channel_object = vm_.get("ch").value();
  // receive() is an async function of ours around a promise of the host: what `await` does there is
  // in the script's hands, but not that C++ is told of it.
  Result<Value> got = channel_object.invoke("receive");
  if (got) got = vm_.await(*got);
  EXPECT_TRUE(outcome(got) == "7" || error_of(got).message == "hacked") << outcome(got);
  EXPECT_TRUE(channel.send(8));
  EXPECT_EQ(channel.receive(late()), 8);
}

TEST_F(ScriptChannel, ItsEndCannotBeForged) {
  const Channel<std::string> channel;
  ASSERT_TRUE(vm_.set("ch", channel));
  ASSERT_TRUE(channel.send("done"));
  ASSERT_TRUE(channel.send("Symbol(done)"));
  channel.close();
  EXPECT_TRUE(awaits("const got = []; for await (const s of ch) got.push(s); got.join()",
                     "done,Symbol(done)"));
}

}  // namespace
}  // namespace sandglass::test
