// SPDX-License-Identifier: Apache-2.0
#include "complex/simplex_coder.hpp"

#include <algorithm>

namespace tda::detail {
namespace {

constexpr int too_many_bits = 129;

/// Bits of C(n, k); too_many_bits where it does not fit in 128.
int bits_of_binomial(std::uint32_t n, unsigned k) noexcept {
  WideWord value = 1;
  for (unsigned i = 0; i < k; ++i) {
    // C(n, i + 1) = C(n, i) · (n − i) / (i + 1), exact at each step.
    const WideWord factor = n - i;
    if (value > ~WideWord{0} / factor) return too_many_bits;
    value = value * factor / (i + 1);
  }
  return bit_width_of(value);
}

}  // namespace

int index_bits_needed(std::uint32_t vertex_count, unsigned subset_size) noexcept {
  // Every index is below C(n, k); C(n, k) grows with k up to n / 2.
  const unsigned widest = std::min<unsigned>(subset_size, vertex_count / 2);
  return std::max(1, bits_of_binomial(vertex_count, widest));
}

template <class Word>
SimplexCoder<Word>::SimplexCoder(Budget& budget, std::uint32_t vertex_count, unsigned subset_size, std::uint32_t edge_count)
    : vertex_count_(vertex_count),
      index_bits_(static_cast<int>(8 * sizeof(Word)) - std::max(1, bit_width_of(std::uint64_t{edge_count}))),
      tail_mask_((Word{1} << index_bits_) - 1),
      table_(budget) {
  if (subset_size < 3) return;
  table_.resize((subset_size - 2) * std::size_t{vertex_count});
  for (unsigned k = 3; k <= subset_size; ++k) {
    Word* row = table_.data() + (k - 3) * std::size_t{vertex_count};
    for (std::uint32_t v = 1; v < vertex_count; ++v) row[v] = row[v - 1] + binomial(v - 1, k - 1);
  }
}

template class SimplexCoder<NarrowWord>;
template class SimplexCoder<WideWord>;

}  // namespace tda::detail
