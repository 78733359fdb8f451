// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "reduction/field.hpp"

namespace tda::detail {

/// Sees the pairs of a sequential global reduction, in any order (src/representatives).
template <class Word, class Field>
class PairObserver {
 public:
  /// `column`: the reduced combination of simplices up to a multiple, sorted by key, that of `birth` first. Its coboundary begins at `death`; none: it
  /// vanishes.
  virtual void observe(Word birth, std::optional<Word> death, std::span<const Entry<Word, Field>> column) = 0;

 protected:
  ~PairObserver() = default;
};

}  // namespace tda::detail
