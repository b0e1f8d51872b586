#include "host/addresses.h"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <string>

#include <gtest/gtest.h>

namespace sandglass::host {
namespace {

bool allowed(const std::string& text, AddressRules rules = {}) {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
  sockaddr_in in4{};
  sockaddr_in6 in6{};
  if (inet_pton(AF_INET, text.c_str(), &in4.sin_addr) == 1) {
    in4.sin_family = AF_INET;
    bytes = sizeof(in4);
    std::memcpy(&storage, &in4, bytes);
  } else if (inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    bytes = sizeof(in6);
    std::memcpy(&storage, &in6, bytes);
  } else {
    ADD_FAILURE() << text;
  }
  // SAFETY: a sockaddr_storage is what a sockaddr of any family is read from.
  return may_connect(reinterpret_cast<const sockaddr&>(storage), bytes, rules);
}

TEST(Addresses, PublicOnesAreAllowed) {
  for (const char* text : {"1.1.1.1",
                           "8.8.8.8",
                           "9.255.255.255",
                           "11.0.0.0",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.1",
                           "169.253.255.255",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.167.255.255",
                           "192.169.0.0",
                           "198.17.255.255",
                           "198.20.0.0",
                           "223.255.255.255",
                           "2606:4700:4700::1111",
                           "2001:4860:4860::8888",
                           "2a00:1450::1",
                           "2003::1"}) {
    EXPECT_TRUE(allowed(text)) << text;
  }
}

TEST(Addresses, SpecialOnesAreRefused) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "169.254.169.254",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "fe80::1",
                           "febf::1",
                           "ff02::1",
                           "::ffff:8.8.8.8",
                           "::ffff:127.0.0.1",
                           "::8.8.8.8",
                           "64:ff9b::808:808",
                           "64:ff9b:1::1",
                           "2002:7f00:1::",
                           "2002:808:808::1",
                           "2001::1",
                           "2001:db8::1",
                           "3fff::1",
                           "100::1",
                           "fec0::1",
                           "4000::1"}) {
    EXPECT_FALSE(allowed(text)) << text;
    EXPECT_FALSE(allowed(text, {.allow_loopback = true, .allow_private = true})) << text;
  }
}

TEST(Addresses, LoopbackAndPrivateOnesNeedTheirRule) {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1"}) {
    EXPECT_FALSE(allowed(text)) << text;
    EXPECT_FALSE(allowed(text, {.allow_private = true})) << text;
    EXPECT_TRUE(allowed(text, {.allow_loopback = true})) << text;
  }
  for (const char* text :
       {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"}) {
    EXPECT_FALSE(allowed(text)) << text;
    EXPECT_FALSE(allowed(text, {.allow_loopback = true})) << text;
    EXPECT_TRUE(allowed(text, {.allow_private = true})) << text;
  }
}

TEST(Addresses, OtherFamiliesAreRefused) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_FALSE(may_connect(address, sizeof(address), {true, true}));
  address.sa_family = AF_INET6;  // cut short
  EXPECT_FALSE(may_connect(address, sizeof(address), {true, true}));
}

}  // namespace
}  // namespace sandglass::host
