// SPDX-License-Identifier: Apache-2.0
//
// How much the randomised tests do: TDA_TEST_SCALE multiplies their counts (1 by default; sanitizer builds use less).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace tda::test {

inline std::uint32_t scaled_count(std::uint32_t count) {
  const char* text = std::getenv("TDA_TEST_SCALE");
  const double scale = text == nullptr ? 1.0 : std::max(0.0, std::strtod(text, nullptr));
  return std::max(1u, static_cast<std::uint32_t>(count * scale));
}

}  // namespace tda::test
