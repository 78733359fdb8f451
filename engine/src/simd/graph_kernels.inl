// SPDX-License-Identifier: Apache-2.0
//
// The generic source of GraphKernels; included by target.inl inside the target's anonymous namespace.

using Word = std::uint64_t;

inline std::size_t lowest_bit(Word bits) { return static_cast<std::size_t>(__builtin_ctzll(bits)); }
inline std::size_t highest_bit(Word bits) { return 63 - static_cast<std::size_t>(__builtin_clzll(bits)); }

constexpr std::size_t most_rows = TDA_MAX_DIMENSION + 2;

template <class Rank>
inline const Rank* rank_row(const RankMatrix& matrix, std::size_t vertex) {
  return reinterpret_cast<const Rank*>(static_cast<const char*>(matrix.data) + vertex * matrix.row_bytes);
}

/// The greatest rank in each column of [at, at + lanes).
template <class Rank>
inline Vec<Rank> column_maximum(const Rank* const* rows, std::size_t count, std::size_t at) {
  Vec<Rank> most = load(rows[0] + at);
  for (std::size_t i = 1; i < count; ++i) most = greater_of<Rank>(most, load(rows[i] + at));
  return most;
}

template <class Rank>
std::size_t cofacets(const RankMatrix& matrix, const std::uint32_t* vertices, std::size_t count, std::uint32_t own_rank,
                     std::uint32_t low, std::uint32_t high, Cofacet* out) {
  const Rank* rows[most_rows];
  std::size_t top = 0;
  for (std::size_t i = 0; i < count; ++i) {
    rows[i] = rank_row<Rank>(matrix, vertices[i]);
    top = vertices[i] > top ? vertices[i] : top;
  }
  // With low <= own_rank, cofacets whose other edges are all shorter than the simplex's own longest one belong to the range.
  const Rank from = static_cast<Rank>(low <= own_rank ? 0 : low);
  const Vec<Rank> start = broadcast<Rank>(from);
  const Vec<Rank> length = broadcast<Rank>(static_cast<Rank>(static_cast<Rank>(high) - from));

  // A witness is a vertex w > max σ that is joined to σ by edges below the range. The cofacet σ ∪ u has w as a common neighbour above its T where
  // also rank(w, u) < rank(σ ∪ u), and w > u where T contains u. Columns are visited downwards, so that w > u by itself.
  constexpr std::size_t most_witnesses = 4;
  const Rank* witnesses[most_witnesses];
  std::size_t witness_count = 0;
  const Vec<Rank> own = broadcast<Rank>(static_cast<Rank>(own_rank));
  const Vec<Rank> below_range = broadcast<Rank>(static_cast<Rank>(low <= own_rank ? own_rank : low));

  std::size_t found = 0;
  for (std::size_t at = matrix.columns; at > 0;) {
    at -= lanes<Rank>;
    const Vec<Rank> most = column_maximum<Rank>(rows, count, at);
    // Unsigned wrap-around makes the two comparisons one.
    Word bits = less_bits(most - start, length);
    if (bits != 0) {
      const Vec<Rank> rank = greater_of<Rank>(most, own);
      for (std::size_t i = 0; i < witness_count; ++i) bits &= ~less_bits(load(witnesses[i] + at), rank);
    }
    if (witness_count < most_witnesses && at + lanes<Rank> > top + 1) {
      Word near = less_bits(most, below_range);
      if (at <= top) near &= ~Word{0} << (top - at) << 1;
      for (; near != 0 && witness_count < most_witnesses; near ^= Word{1} << highest_bit(near))
        witnesses[witness_count++] = rank_row<Rank>(matrix, at + highest_bit(near));
    }
    for (; bits != 0; bits &= bits - 1) {
      const std::size_t vertex = at + lowest_bit(bits);
      std::uint32_t rank = own_rank;
      std::size_t longest = count;
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t edge = rows[i][vertex];
        longest = edge > rank ? i : longest;
        rank = edge > rank ? edge : rank;
      }
      out[found++] = {static_cast<std::uint32_t>(vertex), rank, static_cast<std::uint32_t>(longest)};
    }
  }
  return found;
}

template <class Rank>
bool has_common_above(const RankMatrix& matrix, const std::uint32_t* vertices, std::size_t count, std::uint32_t rank,
                      std::uint32_t above) {
  const Rank* rows[most_rows];
  for (std::size_t i = 0; i < count; ++i) rows[i] = rank_row<Rank>(matrix, vertices[i]);
  const Vec<Rank> bound = broadcast<Rank>(static_cast<Rank>(rank));
  const std::size_t first = (static_cast<std::size_t>(above) + 1) / lanes<Rank> * lanes<Rank>;
  for (std::size_t at = matrix.columns; at > first;) {
    at -= lanes<Rank>;
    Word bits = less_bits(column_maximum<Rank>(rows, count, at), bound);
    if (at <= above) bits &= ~Word{0} << (above - at) << 1;
    if (bits != 0) return true;
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

std::size_t count_members(const Word* set, std::size_t words) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < words; ++i) count += static_cast<std::size_t>(__builtin_popcountll(set[i]));
  return count;
}

void flip(Word* set, const Word* other, std::size_t words) {
  std::size_t i = 0;
  for (; i + lanes<Word> <= words; i += lanes<Word>) store(set + i, load(set + i) ^ load(other + i));
  for (; i < words; ++i) set[i] ^= other[i];
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
  return count_members(lonely, top);
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

void star_below(const std::uint32_t* row, std::size_t words, std::uint32_t rank, Word* out) {
  const Vec<std::uint32_t> bound = broadcast<std::uint32_t>(rank);
  for (std::size_t w = 0; w < words; ++w) {
    Word bits = 0;
    for (std::size_t i = 0; i < 64; i += lanes<std::uint32_t>) bits |= less_bits(load(row + 64 * w + i), bound) << i;
    out[w] = bits;
  }
}

std::size_t star_both_below(const std::uint32_t* a, const std::uint32_t* b, std::size_t words, std::uint32_t rank, Word* out) {
  const Vec<std::uint32_t> bound = broadcast<std::uint32_t>(rank);
  std::size_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    Word bits = 0;
    for (std::size_t i = 0; i < 64; i += lanes<std::uint32_t>) {
      const Vec<std::uint32_t> most = greater_of<std::uint32_t>(load(a + 64 * w + i), load(b + 64 * w + i));
      bits |= less_bits(most, bound) << i;
    }
    out[w] = bits;
    count += static_cast<std::size_t>(__builtin_popcountll(bits));
  }
  return count;
}

constexpr GraphKernels graph_kernels{
    .rank16 = {.cofacets = cofacets<std::uint16_t>, .has_common_above = has_common_above<std::uint16_t>},
    .rank32 = {.cofacets = cofacets<std::uint32_t>, .has_common_above = has_common_above<std::uint32_t>},
    .bitset = {.intersect = intersect,
               .intersects = intersects,
               .count = count_members,
               .flip = flip,
               .lonely_members = lonely_members,
               .compress_rows = compress_rows},
    .star = {.below = star_below, .both_below = star_both_below},
};
