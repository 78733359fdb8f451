// SPDX-License-Identifier: Apache-2.0
//
// The generic source of CollapseKernels; included by target.inl inside the target's anonymous namespace, after graph_kernels.inl.
//
// A *frame* numbers the words that the common neighbours of the edge can lie in, and gives for a vertex a *view*: its rows over the frame. Sets are
// arrays of frame words. At the edge's own time `now` is the whole truth and everything is bit operations; later, edges of `ever` count too, if
// their time is reached, which takes a look-up for each one of interest.

constexpr std::size_t no_word = ~std::size_t{0};

/// What the time of a neighbour costs, in words.
constexpr std::uint64_t look_up_work = 2;

/// After about this many words a kernel returns for its caller to poll: a fraction of a millisecond.
constexpr std::uint64_t most_collapse_work = std::uint64_t{1} << 19;

inline std::uint32_t time_at(const std::uint32_t* times, std::uint32_t base, Word all, Word bit) {
  return times[base + static_cast<std::uint32_t>(__builtin_popcountll(all & (bit - 1)))];
}

class DenseFrame {
 public:
  struct View {
    std::size_t at;
  };

  DenseFrame(const DenseRows& rows, const CollapseQuery& query, const CollapseScratch& scratch)
      : rows_(rows), low_{query.low * rows.words}, high_{query.high * rows.words}, own_{query.low, query.high} {
    (void)scratch;
  }

  std::size_t words() const { return rows_.words; }
  View low() const { return low_; }
  View high() const { return high_; }
  View view(std::size_t word, std::size_t bit) const { return {(64 * word + bit) * rows_.words}; }
  Word now(View v, std::size_t i) const { return rows_.now[v.at + i]; }
  Word ever(View v, std::size_t i) const { return rows_.ever[v.at + i]; }
  std::uint32_t time(View v, std::size_t i, Word bit) const {
    return time_at(rows_.times, rows_.base[v.at + i], rows_.all[v.at + i], bit);
  }

  /// The common neighbours by unvisited edges.
  void common(Word* members) const {
    for (std::size_t i = 0; i < rows_.words; i += lanes<Word>)
      store(members + i, load(rows_.now + low_.at + i) & load(rows_.now + high_.at + i));
    // Each row holds its vertex, and the edge itself may be unvisited.
    for (const std::uint32_t v : own_) members[v / 64] &= ~(Word{1} << (v % 64));
  }

  /// The first word from `at` on where members are not in v's row, and which they are.
  std::size_t outside(View v, const Word* members, std::size_t at, Word& which) const {
    for (std::size_t i = at / lanes<Word> * lanes<Word>; i < rows_.words; i += lanes<Word>) {
      const Vec<Word> rest = load(members + i) & ~load(rows_.now + v.at + i);
      if (const std::size_t found = nonzero(rest, i, at, which); found != no_word) return found;
    }
    return no_word;
  }

  /// The first word from `at` on where common neighbours of later edges are not in v's row.
  std::size_t later_outside(View v, const Word* members, std::size_t at, Word& which) const {
    for (std::size_t i = at / lanes<Word> * lanes<Word>; i < rows_.words; i += lanes<Word>) {
      const Vec<Word> rest = load(rows_.ever + low_.at + i) & load(rows_.ever + high_.at + i) & ~load(members + i) &
                             ~load(rows_.now + v.at + i);
      if (const std::size_t found = nonzero(rest, i, at, which); found != no_word) return found;
    }
    return no_word;
  }

  /// members &= v's row, in the words from `at` on.
  void restrict_to(View v, Word* members, std::size_t at) const {
    for (std::size_t i = at / lanes<Word> * lanes<Word>; i < rows_.words; i += lanes<Word>)
      store(members + i, load(members + i) & load(rows_.now + v.at + i));
  }

 private:
  static std::size_t nonzero(Vec<Word> rest, std::size_t i, std::size_t at, Word& which) {
    Word lanes_left = nonzero_lanes(rest);
    while (lanes_left != 0) {
      const std::size_t lane = lowest_bit(lanes_left);
      lanes_left &= lanes_left - 1;
      if (i + lane < at) continue;
      which = rest[lane];
      return i + lane;
    }
    return no_word;
  }

  const DenseRows& rows_;
  View low_;
  View high_;
  std::uint32_t own_[2];
};

class SparseFrame {
 public:
  using View = const RowWord* const*;

  SparseFrame(const SparseRows& rows, const CollapseQuery& query, const CollapseScratch& scratch) : rows_(rows), scratch_(scratch) {
    const RowWord* a = rows.rows + rows.begin[query.low];
    const RowWord* const a_end = rows.rows + rows.begin[query.low + 1];
    const RowWord* b = rows.rows + rows.begin[query.high];
    const RowWord* const b_end = rows.rows + rows.begin[query.high + 1];
    while (a != a_end && b != b_end) {
      const std::uint32_t word = a->word;
      if (word == b->word && (a->ever & b->ever) != 0) {
        scratch.low[words_] = a;
        scratch.high[words_++] = b;
      }
      const bool next_a = word <= b->word;
      const bool next_b = b->word <= word;
      a += next_a;
      b += next_b;
    }
  }

  std::size_t words() const { return words_; }
  View low() const { return scratch_.low; }
  View high() const { return scratch_.high; }
  /// Valid until the next one.
  View view(std::size_t word, std::size_t bit) const {
    const std::size_t v = 64 * std::size_t{scratch_.low[word]->word} + bit;
    const RowWord* row = rows_.rows + rows_.begin[v];
    const RowWord* const end = rows_.rows + rows_.begin[v + 1];
    for (std::size_t i = 0; i < words_; ++i) {
      const std::uint32_t wanted = scratch_.low[i]->word;
      while (row != end && row->word < wanted) ++row;
      scratch_.other[i] = row != end && row->word == wanted ? row : &none;
    }
    return scratch_.other;
  }
  Word now(View v, std::size_t i) const { return v[i]->now; }
  Word ever(View v, std::size_t i) const { return v[i]->ever; }
  std::uint32_t time(View v, std::size_t i, Word bit) const { return time_at(rows_.times, v[i]->base, v[i]->all, bit); }

  void common(Word* members) const {
    // `ever` leaves the two ends out.
    for (std::size_t i = 0; i < words_; ++i)
      members[i] = scratch_.low[i]->now & scratch_.high[i]->now & scratch_.low[i]->ever & scratch_.high[i]->ever;
  }
  std::size_t outside(View v, const Word* members, std::size_t at, Word& which) const {
    for (std::size_t i = at; i < words_; ++i) {
      which = members[i] & ~v[i]->now;
      if (which != 0) return i;
    }
    return no_word;
  }
  std::size_t later_outside(View v, const Word* members, std::size_t at, Word& which) const {
    for (std::size_t i = at; i < words_; ++i) {
      which = scratch_.low[i]->ever & scratch_.high[i]->ever & ~members[i] & ~v[i]->now;
      if (which != 0) return i;
    }
    return no_word;
  }
  void restrict_to(View v, Word* members, std::size_t at) const {
    for (std::size_t i = at; i < words_; ++i) members[i] &= v[i]->now;
  }

 private:
  static constexpr RowWord none{};

  const SparseRows& rows_;
  const CollapseScratch& scratch_;
  std::size_t words_ = 0;
};

/// Of the vertices in `of`, all by visited edges or none of v's neighbours: those that are v's neighbours at `time`.
template <class Frame>
inline Word reached(const Frame& frame, typename Frame::View v, std::size_t i, Word of, std::uint32_t time, std::uint64_t& work) {
  Word in_time = 0;
  for (Word bits = of & frame.ever(v, i); bits != 0; bits &= bits - 1) {
    const Word bit = bits & -bits;
    work += look_up_work;
    if (frame.time(v, i, bit) <= time) in_time |= bit;
  }
  return in_time;
}

/// The time from which the vertex is a common neighbour.
template <class Frame>
inline std::uint32_t common_from(const Frame& frame, std::size_t i, Word bit) {
  const std::uint32_t low = frame.time(frame.low(), i, bit);
  const std::uint32_t high = frame.time(frame.high(), i, bit);
  return low > high ? low : high;
}

/// Adds the vertices that are common neighbours by later edges at `time`.
template <class Frame>
inline void admit(const Frame& frame, Word* members, std::uint32_t time, std::uint64_t& work) {
  work += 2 * frame.words();
  for (std::size_t i = 0; i < frame.words(); ++i) {
    for (Word bits = frame.ever(frame.low(), i) & frame.ever(frame.high(), i) & ~members[i]; bits != 0; bits &= bits - 1) {
      const Word bit = bits & -bits;
      work += 2 * look_up_work;
      if (common_from(frame, i, bit) <= time) members[i] |= bit;
    }
  }
}

/// A member that has all members for neighbours at `time`; sets `view` to its rows. Where one candidate fails, there is a member outside its
/// row; no vertex outside that member's row dominates, so that few candidates are left after a few steps.
template <bool Late, class Frame>
inline bool find_dominator(const Frame& frame, const Word* members, Word* candidates, std::uint32_t time,
                           typename Frame::View& view, std::uint64_t& work) {
  const std::size_t words = frame.words();
  std::size_t first = 0;
  while (first < words && members[first] == 0) ++first;
  for (std::size_t i = 0; i < words; ++i) candidates[i] = members[i];
  for (std::size_t at = first; at < words;) {
    if (candidates[at] == 0) {
      ++at;
      continue;
    }
    view = frame.view(at, lowest_bit(candidates[at]));
    work += 2 * words;
    Word which = 0;
    std::size_t i = frame.outside(view, members, first, which);
    if constexpr (Late) {
      while (i != no_word) {
        which &= ~reached(frame, view, i, which, time, work);
        if (which != 0) break;
        i = frame.outside(view, members, i + 1, which);
      }
    }
    if (i == no_word) return true;
    const typename Frame::View witness = frame.view(i, lowest_bit(which));
    if constexpr (Late) {
      for (std::size_t k = at; k < words; ++k) {
        const Word far = candidates[k] & ~frame.now(witness, k);
        if (far != 0) candidates[k] ^= far ^ reached(frame, witness, k, far, time, work);
      }
    } else {
      frame.restrict_to(witness, candidates, at);
    }
  }
  return false;
}

/// The first time at which a dominator has a common neighbour that it is not joined to.
template <class Frame>
inline std::uint32_t first_failure(const Frame& frame, typename Frame::View dominator, const Word* members, std::uint64_t& work) {
  std::uint32_t first = CollapseAnswer::never;
  Word which = 0;
  for (std::size_t i = frame.later_outside(dominator, members, 0, which); i != no_word;
       i = frame.later_outside(dominator, members, i + 1, which)) {
    for (; which != 0; which &= which - 1) {
      const Word bit = which & -which;
      work += 3 * look_up_work;
      const std::uint32_t from = common_from(frame, i, bit);
      if (from >= first) continue;
      if ((frame.ever(dominator, i) & bit) != 0 && frame.time(dominator, i, bit) <= from) continue;
      first = from;
    }
  }
  return first;
}

template <class Frame, class Rows>
inline CollapseAnswer settle(const Rows& rows, const CollapseQuery& query, const CollapseScratch& scratch) {
  const Frame frame(rows, query, scratch);
  Word* const members = scratch.members;
  CollapseAnswer answer{.time = query.from, .final = false, .work = frame.words() + 4};
  frame.common(members);
  bool late = query.from != query.own;
  if (late) admit(frame, members, answer.time, answer.work);
  typename Frame::View view = frame.low();
  while (answer.work < most_collapse_work) {
    const bool dominated = late ? find_dominator<true>(frame, members, scratch.candidates, answer.time, view, answer.work)
                                : find_dominator<false>(frame, members, scratch.candidates, answer.time, view, answer.work);
    if (!dominated) {
      answer.final = true;
      break;
    }
    answer.time = first_failure(frame, view, members, answer.work);
    if (answer.time == CollapseAnswer::never) {
      answer.final = true;
      break;
    }
    admit(frame, members, answer.time, answer.work);
    late = true;
  }
  return answer;
}

CollapseAnswer settle_dense(const DenseRows& rows, const CollapseQuery& query, const CollapseScratch& scratch) {
  return settle<DenseFrame>(rows, query, scratch);
}

CollapseAnswer settle_sparse(const SparseRows& rows, const CollapseQuery& query, const CollapseScratch& scratch) {
  return settle<SparseFrame>(rows, query, scratch);
}

constexpr CollapseKernels collapse_kernels{.settle_dense = settle_dense, .settle_sparse = settle_sparse};
