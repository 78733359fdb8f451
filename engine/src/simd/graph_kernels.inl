// SPDX-License-Identifier: Apache-2.0
//
// The generic source of GraphKernels; included by target.inl inside the target's anonymous namespace.

using Word = std::uint64_t;

inline std::size_t lowest_bit(Word bits) { return static_cast<std::size_t>(__builtin_ctzll(bits)); }
inline std::size_t highest_bit(Word bits) { return 63 - static_cast<std::size_t>(__builtin_clzll(bits)); }

/// The greatest rank in each column of [at, at + lanes).
template <class Rank>
inline Vec<Rank> column_maximum(const void* const* rows, std::size_t row_count, std::size_t at) {
  Vec<Rank> most = load(static_cast<const Rank*>(rows[0]) + at);
  for (std::size_t i = 1; i < row_count; ++i) most = greater_of<Rank>(most, load(static_cast<const Rank*>(rows[i]) + at));
  return most;
}

template <class Rank>
std::size_t cofacets(const void* const* rows, std::size_t row_count, std::size_t columns, std::uint32_t own_rank,
                     std::uint32_t low, std::uint32_t high, Cofacet* out) {
  // With low <= own_rank, cofacets whose other edges are all shorter than the simplex's own longest one belong to the range.
  const Rank from = static_cast<Rank>(low <= own_rank ? 0 : low);
  const Vec<Rank> start = broadcast<Rank>(from);
  const Vec<Rank> length = broadcast<Rank>(static_cast<Rank>(static_cast<Rank>(high) - from));
  std::size_t count = 0;
  for (std::size_t at = 0; at < columns; at += lanes<Rank>) {
    // Unsigned wrap-around makes the two comparisons one.
    Word found = less_bits(column_maximum<Rank>(rows, row_count, at) - start, length);
    for (; found != 0; found &= found - 1) {
      const std::size_t vertex = at + lowest_bit(found);
      std::uint32_t rank = own_rank;
      std::size_t longest = row_count;
      for (std::size_t i = 0; i < row_count; ++i) {
        const std::uint32_t edge = static_cast<const Rank*>(rows[i])[vertex];
        longest = edge > rank ? i : longest;
        rank = edge > rank ? edge : rank;
      }
      out[count++] = {static_cast<std::uint32_t>(vertex), rank, static_cast<std::uint32_t>(longest)};
    }
  }
  return count;
}

template <class Rank>
bool has_common_above(const void* const* rows, std::size_t row_count, std::size_t columns, std::uint32_t rank,
                      std::uint32_t above) {
  const Vec<Rank> bound = broadcast<Rank>(static_cast<Rank>(rank));
  const std::size_t first = (static_cast<std::size_t>(above) + 1) / lanes<Rank> * lanes<Rank>;
  for (std::size_t at = columns; at > first;) {
    at -= lanes<Rank>;
    Word found = less_bits(column_maximum<Rank>(rows, row_count, at), bound);
    if (at <= above) found &= ~Word{0} << (above + 1 - at);
    if (found != 0) return true;
  }
  return false;
}

std::size_t intersect(const Word* a, const Word* b, std::size_t words, Word* out) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < words; ++i) {
    out[i] = a[i] & b[i];
    count += static_cast<std::size_t>(__builtin_popcountll(out[i]));
  }
  return count;
}

bool intersects(const Word* a, const Word* b, std::size_t words) {
  std::size_t i = words;
  while (i >= lanes<Word>) {
    i -= lanes<Word>;
    const Vec<Word> both = load(a + i) & load(b + i);
    Word any = 0;
    for (std::size_t lane = 0; lane < lanes<Word>; ++lane) any |= both[lane];
    if (any != 0) return true;
  }
  while (i > 0) {
    --i;
    if ((a[i] & b[i]) != 0) return true;
  }
  return false;
}

/// Removes the row from the set in words [0, count) and tells whether any member is left there.
inline bool subtract(Word* set, const Word* row, std::size_t count) {
  Word left = 0;
  std::size_t i = 0;
  if (count >= lanes<Word>) {
    Vec<Word> any{};
    for (; i + lanes<Word> <= count; i += lanes<Word>) {
      const Vec<Word> rest = load(set + i) & ~load(row + i);
      store(set + i, rest);
      any |= rest;
    }
    for (std::size_t lane = 0; lane < lanes<Word>; ++lane) left |= any[lane];
  }
  for (; i < count; ++i) left |= set[i] &= ~row[i];
  return left != 0;
}

/// Has vertex u (in word w) an adjacent member above it?
inline bool has_member_above(const Word* members, std::size_t words, const Word* row, std::size_t u) {
  const std::size_t w = u / 64;
  for (std::size_t i = words; i-- > w + 1;) {
    if ((members[i] & row[i]) != 0) return true;
  }
  return u % 64 != 63 && (members[w] & row[w]) >> (u % 64 + 1) != 0;
}

std::size_t lonely_members(const Word* members, std::size_t words, const Word* rows, std::size_t stride, Word* lonely) {
  // From the greatest member down, each one rules out its neighbours below it. Mostly a few of them rule out everybody; after
  // `most_sweeps`, those that are left are looked at one by one.
  constexpr int most_sweeps = 12;
  std::size_t top = words;
  while (members[top - 1] == 0) --top;
  for (std::size_t i = 0; i < words; ++i) lonely[i] = members[i];
  int sweeps = 0;
  bool left = true;
  for (std::size_t w = top; left && w-- > 0;) {
    for (Word bits = members[w]; left && bits != 0;) {
      const std::size_t u = highest_bit(bits);
      bits ^= Word{1} << u;
      const Word below = (Word{1} << u) - 1;
      const Word* row = rows + (w * 64 + u) * stride;
      if (sweeps == most_sweeps) {
        if ((lonely[w] >> u & 1) != 0 && has_member_above(members, words, row, w * 64 + u)) lonely[w] ^= Word{1} << u;
        bits &= lonely[w];
        continue;
      }
      ++sweeps;
      lonely[w] &= ~(row[w] & below);
      left = subtract(lonely, row, w);
      left = left || (lonely[w] & below) != 0;
    }
  }
  lonely[top - 1] ^= Word{1} << highest_bit(members[top - 1]);
  std::size_t count = 0;
  for (std::size_t i = 0; i < top; ++i) count += static_cast<std::size_t>(__builtin_popcountll(lonely[i]));
  return count;
}

/// The bits of `word` at the places of `mask`, moved together.
inline Word extract_bits(Word word, Word mask) {
#if defined(__BMI2__)
  return _pext_u64(word, mask);
#else
  Word out = 0;
  word &= mask;
  for (; word != 0; word &= word - 1) {
    const Word below = (word & -word) - 1;
    out |= Word{1} << __builtin_popcountll(mask & below);
  }
  return out;
#endif
}

void compress_rows(const Word* members, std::size_t words, const Word* rows, std::size_t stride, Word* out,
                   std::size_t out_stride) {
  for (std::size_t w = 0; w < words; ++w) {
    for (Word bits = members[w]; bits != 0; bits &= bits - 1) {
      const Word* row = rows + (w * 64 + lowest_bit(bits)) * stride;
      Word pending = 0;
      std::size_t filled = 0;
      std::size_t written = 0;
      for (std::size_t i = 0; i < words; ++i) {
        if (members[i] == 0) continue;
        const Word part = extract_bits(row[i], members[i]);
        const std::size_t size = static_cast<std::size_t>(__builtin_popcountll(members[i]));
        pending |= part << filled;
        if (filled + size >= 64) {
          out[written++] = pending;
          pending = filled == 0 ? 0 : part >> (64 - filled);
          filled = filled + size - 64;
        } else {
          filled += size;
        }
      }
      if (filled != 0) out[written++] = pending;
      while (written < out_stride) out[written++] = 0;
      out += out_stride;
    }
  }
}

constexpr GraphKernels graph_kernels{
    .rank16 = {.cofacets = cofacets<std::uint16_t>, .has_common_above = has_common_above<std::uint16_t>},
    .rank32 = {.cofacets = cofacets<std::uint32_t>, .has_common_above = has_common_above<std::uint32_t>},
    .bitset = {.intersect = intersect,
               .intersects = intersects,
               .lonely_members = lonely_members,
               .compress_rows = compress_rows},
};
