// SPDX-License-Identifier: Apache-2.0
#include "representatives/bar_chains.hpp"

#include <utility>

namespace tda::detail {
namespace {

template <class T>
std::vector<T> release(RawVector<T>& array, Budget& budget) {
  budget.charge(array.size() * sizeof(T));
  std::vector<T> copy(array.begin(), array.end());
  array = RawVector<T>(budget);
  return copy;
}

}  // namespace

ReleasedBarChains release(BarChains chains, Budget& budget) {
  ReleasedBarChains out;
  out.birth_simplices = release(chains.birth_simplices, budget);
  out.death_simplices = release(chains.death_simplices, budget);
  out.chain_offsets = release(chains.chain_offsets, budget);
  out.chain_simplices = release(chains.chain_simplices, budget);
  out.chain_coefficients = release(chains.chain_coefficients, budget);
  out.loop_vertices = release(chains.loop_vertices, budget);
  return out;
}

}  // namespace tda::detail
