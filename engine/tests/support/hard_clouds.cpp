// SPDX-License-Identifier: Apache-2.0
#include "support/hard_clouds.hpp"

#include <cmath>
#include <cstddef>

namespace tda::test {

std::vector<double> hard_cloud(Random& random, std::uint32_t shape, std::uint32_t n, std::uint32_t d) {
  std::vector<double> values(std::size_t{n} * d);
  const double offset = random.pick({0.0, 0.0, 1e8, -1e15});
  for (std::uint32_t i = 0; i < n; ++i) {
    const double t = random.uniform();
    for (std::uint32_t k = 0; k < d; ++k) {
      double& x = values[std::size_t{i} * d + k];
      switch (shape) {
        case 0: x = random.uniform() + offset; break;                             // a cube
        case 1: x = t * (k + 1) + offset; break;                                  // collinear
        case 2: x = random.below(3) + offset; break;                              // duplicates and ties
        case 3: x = 7; break;                                                     // all equal
        case 4: x = std::ldexp(random.gaussian(), static_cast<int>(random.below(600)) - 300); break;  // huge range
        case 5: x = (i % 5) * 1000.0 + random.gaussian() * 1e-3; break;           // clusters
        case 6: x = k == 0 ? random.uniform() * 1e12 : random.uniform(); break;   // one long axis
        case 7: x = std::ldexp(random.gaussian(), -530); break;                   // squares underflow
        case 8: x = std::ldexp(random.gaussian(), 520); break;                    // squares overflow
        default: x = random.gaussian(); break;
      }
    }
  }
  return values;
}

}  // namespace tda::test
