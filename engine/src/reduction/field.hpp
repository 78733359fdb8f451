// SPDX-License-Identifier: Apache-2.0
//
// The coefficient field Z/p. The reduction is written once, over one of two policies: FieldTwo, whose coefficients take no memory and whose
// signs vanish, and PrimeField for any other prime below 2^15 (products fit in 32 bits).
// A *value* is a number in [0, p); a *Coefficient* is a value other than zero as it is stored in an entry.
#pragma once

#include <cstdint>

namespace tda::detail {

class FieldTwo {
 public:
  using Value = std::uint32_t;
  static constexpr bool has_signs = false;
  struct Coefficient {};

  explicit FieldTwo(std::uint32_t) noexcept {}
  static Coefficient store(std::uint32_t) noexcept { return {}; }
  static std::uint32_t value(Coefficient) noexcept { return 1; }
  static std::uint32_t add(std::uint32_t a, std::uint32_t b) noexcept { return a ^ b; }
  static std::uint32_t multiply(std::uint32_t a, std::uint32_t b) noexcept { return a & b; }
  static std::uint32_t negate(std::uint32_t a) noexcept { return a; }
  static std::uint32_t inverse(std::uint32_t a) noexcept { return a; }
};

class PrimeField {
 public:
  using Value = std::uint32_t;
  static constexpr bool has_signs = true;
  using Coefficient = std::uint32_t;

  explicit PrimeField(std::uint32_t prime) noexcept : prime_(prime) {}
  static Coefficient store(std::uint32_t value) noexcept { return value; }
  static std::uint32_t value(Coefficient coefficient) noexcept { return coefficient; }
  std::uint32_t add(std::uint32_t a, std::uint32_t b) const noexcept { return a + b >= prime_ ? a + b - prime_ : a + b; }
  std::uint32_t multiply(std::uint32_t a, std::uint32_t b) const noexcept { return a * b % prime_; }
  std::uint32_t negate(std::uint32_t a) const noexcept { return a == 0 ? 0 : prime_ - a; }

  /// Precondition: a != 0. Fermat: a^(p − 2).
  std::uint32_t inverse(std::uint32_t a) const noexcept {
    std::uint32_t result = 1;
    for (std::uint32_t exponent = prime_ - 2; exponent != 0; exponent /= 2) {
      if (exponent % 2 != 0) result = multiply(result, a);
      a = multiply(a, a);
    }
    return result;
  }

 private:
  std::uint32_t prime_;
};

/// A simplex (by its key) with a coefficient: an element of a sparse column.
template <class Word, class Field>
struct Entry {
  Word key;
  [[no_unique_address]] typename Field::Coefficient coefficient;
};

}  // namespace tda::detail
