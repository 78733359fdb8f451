// SPDX-License-Identifier: Apache-2.0
//
// AnnotationReducer: persistent cohomology of one dimension, forwards in time, over Z/2.
//
// For many classes and few simplices. Edges are added one by one; each simplex of the dimension has an *annotation*, the classes alive that it counts
// for, such that the annotations of a cycle add up to its homology class (O. Busaryev et al., "Annotating simplices with a homology basis and its
// applications", SWAT 2012; J.-D. Boissonnat, T. Dey, C. Maria, "The compressed annotation matrix", Algorithmica 73 (2015); it is the algorithm
// pCoh of V. de Silva, D. Morozov, M. Vejdemo-Johansson, "Persistent cohomology and circular coordinates", Discrete Comput. Geom. 45 (2011)).
// What is known of the blocks already saves nearly all of it:
// - A simplex that kills a class of the dimension below has the annotation zero; one that begins a class, that class.
// - The earlier part of an apparent pair gets the sum of its partner's other facets, which are all earlier: one sum in the order of keys.
// - Of the simplices of the next dimension only those of no apparent pair are looked at. The sum of the facets of one is zero, or the
//   relation of which the youngest class in it dies.
// The pairs are those of the same order of simplices as in GlobalReducer, so pivots are the same simplices. It ends when all classes have died.
// Memory: an AnnotationMatrix, a table of its rows, and the annotations of one block.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "complex/dense_graph.hpp"
#include "complex/dense_links.hpp"
#include "complex/simplex_coder.hpp"
#include "reduction/annotation_matrix.hpp"
#include "reduction/block_reducer.hpp"
#include "reduction/pivot_table.hpp"
#include "reduction/rank_pair.hpp"

namespace tda::detail {

template <class Word>
class AnnotationReducer {
 public:
  /// `dimension` >= 2. `columns`: of the dimension, after clearing. Everything outlives the reducer.
  AnnotationReducer(const DenseGraph& graph, const SimplexCoder<Word>& coder, unsigned dimension, const BlockColumns<Word, FieldTwo>& columns,
                    Execution& execution)
      : graph_(&graph),
        bits_(&graph.kernels().graph.bitset),
        coder_(&coder),
        dimension_(dimension),
        columns_(&columns),
        execution_(&execution),
        links_(graph, execution),
        matrix_(*bits_, execution),
        table_(execution.budget()),
        births_(execution.budget()),
        common_(execution.budget()),
        cells_(execution.budget()),
        cofaces_(execution.budget()),
        rows_(execution.budget()),
        relation_(execution.budget()),
        block_classes_(execution.budget()),
        block_columns_(execution.budget()) {}

  /// Appends the pairs and returns the simplices that kill a class of an earlier block, sorted.
  RawVector<Word> run(Vector<RankPair>& pairs) {
    RawVector<Word> pivots(execution_->budget());
    links_.each_edge(0, graph_->edges().count(), [&](std::uint32_t rank) {
      execution_->poll(8);
      const bool is_over = next_survivor_ == columns_->survivors.size() && matrix_.classes_alive() == 0;
      if (is_over) return;
      list_births(rank);
      if (matrix_.classes_alive() == 0 && lasting_ == 0) return;
      visit_block(rank, pairs, pivots);
      execution_->set_columns_done(pivots.size());
    });
    matrix_.each_alive([&](std::uint32_t birth) { pairs.push_back({birth, RankPair::never}); });
    return pivots;
  }

 private:
  /// A simplex that begins a class.
  struct Birth {
    Word key;
    bool lasts;  // beyond its block
  };
  /// A simplex of the block whose annotation may not be zero.
  struct Cell {
    static constexpr std::uint32_t no_partner = UINT32_MAX;
    Word key;
    std::uint32_t partner;  // the vertex that its partner in an apparent pair has besides, greater than its own; none: it begins a class
    bool is_zero;
  };
  /// A class that began in the block.
  struct BlockClass {
    std::uint32_t cell;
    bool died;  // then the row of its simplex is what it is the sum of
  };

  /// Those of the block, sorted. Ranks come in increasing order.
  void list_births(std::uint32_t rank) {
    births_.clear();
    const auto& pairs = columns_->pairs;
    for (; next_pair_ < pairs.size() && coder_->rank(pairs[next_pair_].key) == rank; ++next_pair_) {
      // A column's own simplex is the earliest of its combination, in the block of its pivot.
      Word own = ~Word{0};
      for (const auto& e : pairs[next_pair_].span()) own = std::min(own, e.key);
      births_.push_back({own, false});
      execution_->poll(pairs[next_pair_].count);
    }
    const auto& survivors = columns_->survivors;
    lasting_ = 0;
    for (; next_survivor_ < survivors.size() && coder_->rank(survivors[next_survivor_].key) == rank; ++next_survivor_) {
      births_.push_back({survivors[next_survivor_].key, true});
      ++lasting_;
    }
    std::sort(births_.begin(), births_.end(), [](const Birth& a, const Birth& b) { return a.key < b.key; });
  }

  void visit_block(std::uint32_t rank, Vector<RankPair>& pairs, RawVector<Word>& pivots) {
    if (links_.open() < dimension_ - 1) return;
    rank_ = rank;
    link_ = links_.compressed();
    matrix_.make_room(lasting_);
    list_simplices();
    annotate_cells();
    for (const Word coface : cofaces_) add_relation(coface, pairs, pivots);
    settle_block();
    matrix_.settle();
  }

  // --- the simplices of a block

  /// Cells and cofaces, both sorted.
  void list_simplices() {
    cells_.clear();
    cofaces_.clear();
    common_.resize(link_.words * (dimension_ + 1));
    descend(0, 0, link_.members);
    for (const Birth& birth : births_) cells_.push_back({birth.key, Cell::no_partner, true});
    std::sort(cells_.begin(), cells_.end(), [](const Cell& a, const Cell& b) { return a.key < b.key; });
    std::sort(cofaces_.begin(), cofaces_.end());
    execution_->poll(16 * (cells_.size() + cofaces_.size()));
  }

  /// As BlockScan::descend.
  void descend(unsigned size, Word index, const std::uint64_t* common) {
    const std::size_t words = link_.words;
    std::uint64_t* const below = common_.data() + size * words;
    if (size + 1 == dimension_) {
      if (bits_->lonely_members(common, words, link_.rows, link_.stride, below) != 0) {
        each_member(below, words, [&](std::uint32_t u) {
          cofaces_.push_back(coder_->key(rank_, index + coder_->binomial(link_.vertex(u), size + 1)));
        });
      }
      execution_->poll(words * 4);
      return;
    }
    each_member(common, words, [&](std::uint32_t u) {
      const std::uint64_t* const row = link_.row(u);
      const std::size_t first = u / 64;
      std::fill(below, below + first, 0);
      below[first] = common[first] & row[first] & (~std::uint64_t{1} << (u % 64));
      std::uint64_t any = below[first];
      for (std::size_t w = first + 1; w < words; ++w) any |= below[w] = common[w] & row[w];
      if (any == 0) return;
      const Word with_u = index + coder_->binomial(link_.vertex(u), size + 1);
      if (size + 2 == dimension_) cells_.push_back({coder_->key(rank_, with_u), link_.vertex(greatest(below, words)), true});
      descend(size + 1, with_u, below);
    });
    execution_->poll(words);
  }

  template <class Visit>
  static void each_member(const std::uint64_t* set, std::size_t words, Visit visit) {
    for (std::size_t w = 0; w < words; ++w) {
      for (std::uint64_t bits = set[w]; bits != 0; bits &= bits - 1)
        visit(static_cast<std::uint32_t>(64 * w + static_cast<std::size_t>(std::countr_zero(bits))));
    }
  }
  /// Precondition: not empty.
  static std::uint32_t greatest(const std::uint64_t* set, std::size_t words) noexcept {
    while (set[words - 1] == 0) --words;
    return static_cast<std::uint32_t>(64 * words - 1 - static_cast<std::size_t>(std::countl_zero(set[words - 1])));
  }

  // --- annotations: the words of the matrix, then a bit for each class that begins in the block

  std::uint64_t* cell_row(std::size_t cell) noexcept { return rows_.data() + cell * width_; }

  void annotate_cells() {
    old_words_ = matrix_.words();
    width_ = old_words_ + (births_.size() + 63) / 64;
    rows_.assign(element_count(cells_.size(), width_), 0);
    relation_.resize(width_);
    block_classes_.clear();
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
      Cell& cell = cells_[i];
      if (cell.partner != Cell::no_partner) {
        std::uint32_t s[max_simplex_size];
        coder_->decode(coder_->index(cell.key), dimension_ - 1, s);
        s[dimension_ - 1] = cell.partner;
        cell.is_zero = !add_facets(s, dimension_ - 1, cell_row(i));
        continue;
      }
      const std::size_t number = block_classes_.size();
      block_classes_.push_back({i, false});
      cell_row(i)[old_words_ + number / 64] |= std::uint64_t{1} << (number % 64);
      cell.is_zero = false;
    }
  }

  /// Adds to `row` the annotations of the facets of e ∪ S, S of `dimension_` vertices, but of those without one of the last vertices of S from `kept` on.
  /// False: all of them are zero.
  bool add_facets(const std::uint32_t* s, unsigned kept, std::uint64_t* row) {
    bool any = false;
    // Facets in the block: S without s[j].
    Word after = 0;
    for (unsigned j = 1; j < dimension_; ++j) after += coder_->binomial(s[j], j);
    Word before = 0;
    for (unsigned j = 0; j < kept; ++j) {
      any |= add_cell(coder_->key(rank_, before + after), row);
      before += coder_->binomial(s[j], j + 1);
      if (j + 1 < dimension_) after -= coder_->binomial(s[j + 1], j + 1);
    }
    any |= add_earlier(s, link_.low, row);
    any |= add_earlier(s, link_.high, row);
    execution_->poll(16 + width_ / 4);
    return any;
  }

  bool add_cell(Word key, std::uint64_t* row) {
    const auto place = std::lower_bound(cells_.begin(), cells_.end(), key, [](const Cell& c, Word k) { return c.key < k; });
    if (place == cells_.end() || place->key != key || place->is_zero) return false;
    bits_->flip(row, cell_row(static_cast<std::size_t>(place - cells_.begin())), width_);
    return true;
  }

  /// Adds the annotation of S ∪ vertex, which is in an earlier block.
  bool add_earlier(const std::uint32_t* s, std::uint32_t vertex, std::uint64_t* row) {
    if (table_.size() == 0) return false;
    const std::uint32_t number = table_.find(key_of(s, vertex));
    if (number == PivotTable<Word>::none) return false;
    bits_->flip(row, matrix_.row(number), old_words_);
    return true;
  }

  Word key_of(const std::uint32_t* s, std::uint32_t vertex) const noexcept {
    const unsigned count = dimension_ + 1;
    std::uint32_t sorted[max_simplex_size];
    unsigned place = 0;
    while (place < dimension_ && s[place] < vertex) ++place;
    std::copy(s, s + place, sorted);
    sorted[place] = vertex;
    std::copy(s + place, s + dimension_, sorted + place + 1);
    std::uint32_t rank = 0;
    unsigned first = 0;
    unsigned second = 1;
    for (unsigned i = 0; i < count; ++i) {
      for (unsigned j = i + 1; j < count; ++j) {
        const std::uint32_t edge = graph_->edge_rank(sorted[i], sorted[j]);
        if (edge < rank) continue;
        rank = edge;
        first = i;
        second = j;
      }
    }
    Word index = 0;
    unsigned size = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (i != first && i != second) index += coder_->binomial(sorted[i], ++size);
    }
    return coder_->key(rank, index);
  }

  // --- relations

  void add_relation(Word coface, Vector<RankPair>& pairs, RawVector<Word>& pivots) {
    std::uint32_t s[max_simplex_size];
    coder_->decode(coder_->index(coface), dimension_, s);
    std::fill(relation_.begin(), relation_.end(), 0);
    if (!add_facets(s, dimension_, relation_.data())) return;
    std::uint64_t* const relation = relation_.data();
    substitute_in_block(relation);
    for (std::size_t w = width_; w-- > old_words_;) {
      if (relation[w] == 0) continue;
      const auto bit = 63 - static_cast<std::size_t>(std::countl_zero(relation[w]));
      relation[w] ^= std::uint64_t{1} << bit;
      BlockClass& youngest = block_classes_[64 * (w - old_words_) + bit];
      youngest.died = true;
      std::copy(relation, relation + width_, cell_row(youngest.cell));
      return;
    }
    matrix_.substitute(relation);
    if (std::all_of(relation, relation + old_words_, [](std::uint64_t word) { return word == 0; })) return;
    const std::uint32_t column = matrix_.kill_youngest(relation);
    pairs.push_back({matrix_.birth(column), rank_});
    pivots.push_back(coface);
  }

  /// Replaces the classes that began in the block and died by the annotations of their simplices. Those have only older classes.
  void substitute_in_block(std::uint64_t* row) {
    for (std::size_t w = width_; w-- > old_words_;) {
      std::uint64_t left = row[w];
      while (left != 0) {
        const auto bit = 63 - static_cast<std::size_t>(std::countl_zero(left));
        const BlockClass& c = block_classes_[64 * (w - old_words_) + bit];
        if (c.died) {
          row[w] ^= std::uint64_t{1} << bit;
          bits_->flip(row, cell_row(c.cell), width_);
        }
        left = row[w] & ((std::uint64_t{1} << bit) - 1);
      }
    }
  }

  /// Moves what is left of the block to the matrix.
  void settle_block() {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (!cells_[i].is_zero) substitute_in_block(cell_row(i));
    }
    block_columns_.clear();
    for (const BlockClass& c : block_classes_) block_columns_.push_back(c.died ? 0 : matrix_.add_class(rank_));
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const std::uint64_t* const row = cell_row(i);
      if (cells_[i].is_zero || std::all_of(row, row + width_, [](std::uint64_t word) { return word == 0; })) continue;
      table_.insert(cells_[i].key, static_cast<std::uint32_t>(matrix_.rows()));
      std::uint64_t* const kept = matrix_.add_row();
      std::copy(row, row + old_words_, kept);
      each_member(row + old_words_, width_ - old_words_, [&](std::uint32_t number) {
        const std::uint32_t column = block_columns_[number];
        kept[column / 64] |= std::uint64_t{1} << (column % 64);
      });
    }
    execution_->poll(cells_.size() * (4 + width_ / 2));
  }

  const DenseGraph* graph_;
  const BitsetKernels* bits_;
  const SimplexCoder<Word>* coder_;
  unsigned dimension_;
  const BlockColumns<Word, FieldTwo>* columns_;
  Execution* execution_;
  DenseLinks links_;
  AnnotationMatrix matrix_;
  PivotTable<Word> table_;    // simplex → row of the matrix; the others have the annotation zero
  std::size_t next_pair_ = 0;  // of columns_
  std::size_t next_survivor_ = 0;

  // The block being visited.
  std::uint32_t rank_ = 0;
  Link link_{};
  RawVector<Birth> births_;
  std::uint32_t lasting_ = 0;        // of them
  RawVector<std::uint64_t> common_;  // a bitset for each size of S
  RawVector<Cell> cells_;
  RawVector<Word> cofaces_;
  std::size_t old_words_ = 0;
  std::size_t width_ = 0;
  RawVector<std::uint64_t> rows_;  // annotations of the cells
  RawVector<std::uint64_t> relation_;
  RawVector<BlockClass> block_classes_;
  RawVector<std::uint32_t> block_columns_;
};

}  // namespace tda::detail
