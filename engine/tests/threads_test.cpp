// SPDX-License-Identifier: Apache-2.0
//
// Computations that are large enough for several threads: the bytes of one thread, the same errors, and nothing left behind. Run under ThreadSanitizer too.
#include <gtest/gtest.h>
#include <pthread.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "support/inputs.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

struct Case {
  std::string name;
  Input input;
  tda_rips_options options;
};

/// Points of a flat torus in R^4: a sparse graph under a small threshold.
Input torus_points_input(std::uint32_t count, Random& random) {
  Input input;
  input.rows = count;
  input.columns = 4;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (int circle = 0; circle < 2; ++circle) {
      const double angle = 6.283185307179586 * random.uniform();
      input.values.push_back(std::cos(angle));
      input.values.push_back(std::sin(angle));
    }
  }
  return input;
}

std::vector<Case> cases() {
  Random random(71);
  std::vector<Case> out;
  out.push_back({"matrix of ranks, dimension 2", sphere_points_input(150, 3, random), rips_options(2)});
  out.push_back({"matrix of ranks, dimension 1, float32", uniform_points_input(900, 3, random, TDA_FLOAT32), rips_options(1)});
  out.push_back({"neighbour lists, dimension 1", uniform_points_input(6000, 3, random), rips_options(1, 0.08)});
  out.push_back({"neighbour lists, dimension 3", torus_points_input(3000, random), rips_options(3, 0.3)});
  out.push_back({"many columns for one pivot", random_symmetric_input(64, random), rips_options(3)});
  out.push_back({"annotations", random_symmetric_input(90, random), rips_options(3)});
  out.push_back({"Z/3, neighbour lists", uniform_points_input(4000, 2, random), rips_options(2, 0.04, 3)});
  out.push_back({"Z/11, matrix", random_symmetric_input(60, random), rips_options(2, infinity, 11)});
  out.push_back({"wide keys", uniform_points_input(3000, 3, random), rips_options(9, 0.07)});
  return out;
}

TEST(Threads, AnyNumberGivesTheBytesOfOne) {
  for (Case& c : cases()) {
    c.options.threads = 1;
    const Outcome expected = compute(c.input, c.options);
    ASSERT_EQ(expected.status, TDA_OK) << c.name << expected.error.message;
    for (std::uint32_t threads = 2; threads <= 8; ++threads) {
      c.options.threads = threads;
      const Outcome outcome = compute(c.input, c.options);
      ASSERT_EQ(outcome.status, TDA_OK) << c.name << outcome.error.message;
      EXPECT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << c.name << ", threads " << threads;
      EXPECT_EQ(outcome.statistics.simplices, expected.statistics.simplices) << c.name;
      EXPECT_EQ(outcome.statistics.edges, expected.statistics.edges) << c.name;
    }
  }
}

/// Points of a lattice, all of whose neighbours are equally near, then points in general position.
TEST(Threads, ASpanningForestIsThatOfOne) {
  constexpr std::uint32_t side = 400;
  Input lattice;
  lattice.rows = side * side;
  lattice.columns = 2;
  for (std::uint32_t i = 0; i < side * side; ++i)
    lattice.values.insert(lattice.values.end(), {static_cast<double>(i % side), static_cast<double>(i / side)});
  Random random(8);
  for (const Input& input : {lattice, uniform_points_input(side * side, 3, random)}) {
    tda_rips_options options = rips_options(0);
    options.threads = 1;
    const Outcome expected = compute(input, options);
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    for (const std::uint32_t threads : {2u, 3u, 8u}) {
      options.threads = threads;
      const Outcome outcome = compute(input, options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      EXPECT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << threads;
      EXPECT_EQ(outcome.statistics.edges, expected.statistics.edges);
      EXPECT_EQ(outcome.statistics.enclosing_radius, expected.statistics.enclosing_radius);
    }
  }
}

TEST(Threads, RacesForPivotsEndAlike) {
  Random random(5);
  const Input input = random_symmetric_input(48, random);
  tda_rips_options options = rips_options(3);
  options.threads = 1;
  const Outcome expected = compute(input, options);
  options.threads = 4;
  for (std::uint32_t k = 0; k < scaled_count(40); ++k)
    ASSERT_TRUE(same_bytes(compute(input, options).diagrams, expected.diagrams)) << k;
}

TEST(Threads, ABudgetThatIsTooSmallStopsAllOfThem) {
  for (Case& c : cases()) {
    c.options.threads = 1;
    const std::uint64_t needed = compute(c.input, c.options).statistics.peak_bytes;
    c.options.threads = 4;
    for (const double share : {0.05, 0.5, 0.8}) {
      c.options.memory_limit_bytes = static_cast<std::uint64_t>(share * static_cast<double>(needed));
      const Outcome outcome = compute(c.input, c.options);
      if (outcome.status == TDA_OK) {
        EXPECT_LE(outcome.statistics.peak_bytes, c.options.memory_limit_bytes) << c.name;
      } else {
        EXPECT_EQ(outcome.status, TDA_ERROR_MEMORY_LIMIT) << c.name << outcome.error.message;
      }
      if (share < 0.1) {
        EXPECT_EQ(outcome.status, TDA_ERROR_MEMORY_LIMIT) << c.name;
      }
    }
  }
}

TEST(Threads, ProgressComesFromTheCallerAndNeverFalls) {
  struct Watch {
    double last = 0;
    std::uint64_t calls = 0;
    pthread_t caller = pthread_self();
    bool falls = false;
    bool strange = false;
  } watch;
  tda_control control{};
  control.struct_size = sizeof control;
  control.user = &watch;
  control.on_progress = [](void* user, const tda_progress* progress) {
    Watch& w = *static_cast<Watch*>(user);
    w.falls |= progress->fraction < w.last;
    w.strange |= pthread_equal(w.caller, pthread_self()) == 0;
    w.last = progress->fraction;
    ++w.calls;
    return 0;
  };
  Random random(6);
  tda_rips_options options = rips_options(3);
  options.threads = 3;
  ASSERT_EQ(compute(random_symmetric_input(70, random), options, &control).status, TDA_OK);
  EXPECT_GT(watch.calls, 1u);
  EXPECT_FALSE(watch.falls);
  EXPECT_FALSE(watch.strange);
  EXPECT_EQ(watch.last, 1.0);
}

TEST(Threads, TheProgressCallbackCanStopAllOfThem) {
  tda_control control{};
  control.struct_size = sizeof control;
  int calls_left = 3;
  control.user = &calls_left;
  control.on_progress = [](void* user, const tda_progress*) { return --*static_cast<int*>(user) < 0 ? 1 : 0; };
  Random random(7);
  tda_rips_options options = rips_options(3);
  options.threads = 4;
  EXPECT_EQ(compute(random_symmetric_input(90, random), options, &control).status, TDA_ERROR_CANCELLED);
}

}  // namespace
}  // namespace tda::test
