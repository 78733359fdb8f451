// SPDX-License-Identifier: Apache-2.0
//
// C++ exceptions on the runtime of the WebAssembly build (bindings/wasm/runtime), which is ours: what the language promises.
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tda::test {
namespace {

/// Not inlined, and not known to throw: the compiler must leave the work to the runtime.
template <class T>
[[gnu::noinline]] void throw_it(T value) {
  throw value;
}

struct Plain {
  int value;
};
struct Base {
  virtual ~Base() = default;
  virtual int number() const { return 1; }
};
struct Middle : Base {
  int number() const override { return 2; }
};
struct Derived : Middle {
  int number() const override { return 3; }
};
struct alignas(16) Aligned {
  unsigned char bytes[48];
};

/// Counts how many of them live.
struct Counted {
  explicit Counted(int& count) : count_(&count) { ++*count_; }
  Counted(const Counted& other) : count_(other.count_) { ++*count_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*count_; }
  int* count_;
};

template <class T>
std::string clause_for(T value) {
  try {
    throw_it(std::move(value));
  } catch (int i) {
    return "int " + std::to_string(i);
  } catch (const Plain& plain) {
    return "Plain " + std::to_string(plain.value);
  } catch (const Middle& middle) {
    return "Middle " + std::to_string(middle.number());
  } catch (const Base& base) {
    return "Base " + std::to_string(base.number());
  } catch (const std::logic_error& error) {
    return std::string("logic_error ") + error.what();
  } catch (const std::exception& error) {
    return "exception";
  } catch (...) {
    return "anything";
  }
  return "nothing";
}

TEST(Exceptions, TheFirstClauseThatFitsCatches) {
  EXPECT_EQ(clause_for(7), "int 7");
  EXPECT_EQ(clause_for(Plain{8}), "Plain 8");
  EXPECT_EQ(clause_for(Base{}), "Base 1");
  EXPECT_EQ(clause_for(Middle{}), "Middle 2");
  EXPECT_EQ(clause_for(Derived{}), "Middle 3");
  EXPECT_EQ(clause_for(std::out_of_range("far")), "logic_error far");
  EXPECT_EQ(clause_for(std::bad_array_new_length()), "exception");
  EXPECT_EQ(clause_for(7u), "anything");
  EXPECT_EQ(clause_for(Aligned{}), "anything");
}

TEST(Exceptions, WhatNoClauseFitsGoesOn) {
  std::string seen;
  try {
    try {
      throw_it(Plain{1});
    } catch (const Base&) {
      seen += "inner";
    } catch (int) {
      seen += "inner";
    }
  } catch (const Plain& plain) {
    seen += "outer " + std::to_string(plain.value);
  }
  EXPECT_EQ(seen, "outer 1");
}

TEST(Exceptions, EverythingOnTheWayIsDestroyedAndTheExceptionOnce) {
  int alive = 0;
  for (int round = 0; round < 1000; ++round) {
    try {
      const Counted on_the_stack(alive);
      const std::vector<Counted> in_a_vector(3, on_the_stack);
      throw_it(Counted(alive));
    } catch (const Counted&) {
      EXPECT_EQ(alive, 1);
    }
    ASSERT_EQ(alive, 0);
  }
}

TEST(Exceptions, RethrownKeepTheirTypeAndValue) {
  int alive = 0;
  std::string seen;
  try {
    try {
      const Counted local(alive);
      throw_it(Derived{});
    } catch (const Base& base) {
      seen += std::to_string(base.number());
      throw;
    }
  } catch (const Middle& middle) {
    seen += std::to_string(middle.number());
  }
  EXPECT_EQ(seen, "33");
  EXPECT_EQ(alive, 0);
}

TEST(Exceptions, OneMayBeThrownAndCaughtWhileAnotherIsHandled) {
  std::string seen;
  try {
    throw_it(Plain{1});
  } catch (const Plain& first) {
    try {
      throw_it(Plain{2});
    } catch (const Plain& second) {
      seen += std::to_string(second.value);
    }
    seen += std::to_string(first.value);
    try {
      throw;
    } catch (const Plain& again) {
      seen += std::to_string(again.value);
    }
    seen += std::to_string(first.value);
  }
  EXPECT_EQ(seen, "2111");
}

TEST(Exceptions, AnotherMayLeaveAHandler) {
  int alive = 0;
  std::string seen;
  try {
    try {
      throw_it(Counted(alive));
    } catch (const Counted&) {
      throw_it(9);
    }
  } catch (int i) {
    seen = std::to_string(i);
  }
  EXPECT_EQ(seen, "9");
  EXPECT_EQ(alive, 0);
}

struct DestructorCatches {
  explicit DestructorCatches(std::string& seen) : seen_(&seen) {}
  DestructorCatches(const DestructorCatches&) = delete;
  DestructorCatches& operator=(const DestructorCatches&) = delete;
  ~DestructorCatches() {
    try {
      throw_it(1);
    } catch (int i) {
      *seen_ += std::to_string(i);
    }
  }
  std::string* seen_;
};

TEST(Exceptions, ADestructorOnTheWayMayThrowAndCatch) {
  std::string seen;
  try {
    const DestructorCatches first(seen);
    const DestructorCatches second(seen);
    throw_it(Plain{5});
  } catch (const Plain& plain) {
    seen += std::to_string(plain.value);
  }
  EXPECT_EQ(seen, "115");
}

TEST(Exceptions, NewThrowsWhereThereIsNoMemory) {
  volatile std::size_t too_much = SIZE_MAX / 2;
  EXPECT_THROW(static_cast<void>(::operator new(too_much)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(::operator new(too_much, std::align_val_t{64})), std::bad_alloc);
  EXPECT_EQ(::operator new(too_much, std::nothrow), nullptr);
  EXPECT_EQ(::operator new(too_much, std::align_val_t{64}, std::nothrow), nullptr);
}

}  // namespace
}  // namespace tda::test
