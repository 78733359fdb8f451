// SPDX-License-Identifier: Apache-2.0
//
// BlockScan: apparent pairs by bitsets, block by block, and the local reduction of the rest.
//
// A simplex e ∪ S is *apparent* with its cofacet e ∪ S ∪ u (they are each other's latest facet and earliest cofacet) exactly where u, the greatest
// common neighbour of S in the lower link of e, exceeds max S; and e ∪ S is the cofacet of such a pair exactly where max S is the greatest
// common neighbour of S \ max S. Depth first over the cliques S with the common neighbours above max S carried along, both are one look
// at a bitset. What is neither is critical and goes to the BlockReducer.
// Apparent pairs: U. Bauer, "Ripser" (2021), section 3.5; they are a discrete gradient in the sense of R. Forman.
// Cost: a few word operations for each simplex of dimension 2 … max_dimension. Memory: the links' and the columns that are left.
#pragma once

#include <algorithm>
#include <cstdint>

#include "complex/link.hpp"
#include "exec/parallel.hpp"
#include "reduction/block_reducer.hpp"

namespace tda::detail {

template <class Links, class Word, class Field>
class BlockScan {
 public:
  /// `out[d]` receives the columns of dimension d, 1 … max_dimension. `merging`: a bit for each rank, 1 where the edge joins two components
  /// and so is no column of dimension 1. Everything outlives the scan.
  BlockScan(Links& links, const BitsetKernels& bits, const SimplexCoder<Word>& coder, const Field& field, unsigned max_dimension,
            const Vector<std::uint64_t>& merging, Vector<BlockColumns<Word, Field>>& out, Execution& execution)
      : links_(&links),
        bits_(&bits),
        coder_(&coder),
        field_(field),
        max_dimension_(max_dimension),
        merging_(&merging),
        out_(&out),
        execution_(&execution),
        reducer_(coder, field, execution),
        common_(execution.budget()),
        critical_(execution.budget()) {
    for (unsigned k = 0; k < max_dimension; ++k) critical_.emplace_back(execution.budget());
  }

  /// Visits the blocks of the parts of the links that it gets from the queue. Several scans with links and output of their own share a queue.
  void run(WorkQueue& parts) {
    while (const auto range = parts.next()) {
      execution_->set_columns_done(range->begin);
      links_->each_edge(range->begin, range->end, [&](std::uint32_t rank) {
        if constexpr (Links::tell_only_emptiness) {
          if (links_->is_empty()) visit_empty(rank);
        } else if (max_dimension_ == 1) {
          if (links_->is_empty()) visit_empty(rank);
        } else if (const std::uint32_t size = links_->open(); size == 0) {
          visit_empty(rank);
        } else {
          visit_block(rank, size);
        }
        execution_->poll(8);
      });
    }
  }

  /// Simplices of dimension 2 … max_dimension seen.
  std::uint64_t simplices() const noexcept { return simplices_; }

 private:
  /// The edge has no cofacet in its block.
  void visit_empty(std::uint32_t rank) {
    if (((*merging_)[rank / 64] >> (rank % 64) & 1) != 0) return;
    const Word key = coder_->key(rank, 0);
    const Entry<Word, Field> self{key, Field::store(1)};
    (*out_)[1].survivors.append(key, {&self, 1}, field_, 1);
  }

  void visit_block(std::uint32_t rank, std::uint32_t size) {
    Link link;
    if (max_dimension_ == 2) {
      simplices_ += size;
      const std::uint64_t* const lonely = links_->lonely_members();
      if (lonely == nullptr) return;
      link = links_->direct();
      each_member(lonely, link.words, [&](std::uint32_t u) { critical_[1].push_back(u); });
    } else {
      link = links_->compressed();
      link_ = &link;
      common_.resize(link.words * max_dimension_);
      descend(0, 0, link.members);
      const auto is_empty = [](const RawVector<Word>& critical) { return critical.empty(); };
      if (std::all_of(critical_.begin(), critical_.end(), is_empty)) return;
    }
    reducer_.start(link, rank);
    for (unsigned k = 1; k < max_dimension_; ++k) {
      std::sort(critical_[k].begin(), critical_[k].end());
      reducer_.reduce(k, critical_[k], (*out_)[k + 1]);
      critical_[k].clear();
    }
  }

  /// For a clique S of `size` vertices and its index: `common` are its common neighbours above max S, at least one.
  void descend(unsigned size, Word index, const std::uint64_t* common) {
    std::uint64_t* const below = common_.data() + size * link_->words;
    const std::size_t words = link_->words;
    if (size + 2 == max_dimension_) {
      simplices_ += bits_->count(common, words);
      if (bits_->lonely_members(common, words, link_->rows, link_->stride, below) != 0) {
        each_member(below, words, [&](std::uint32_t u) {
          critical_[size + 1].push_back(index + coder_->binomial(u, size + 1));
        });
      }
      execution_->poll(words * 4);
      return;
    }
    std::uint32_t greatest = 0;
    each_member(common, words, [&](std::uint32_t u) { greatest = u; });
    each_member(common, words, [&](std::uint32_t u) {
      ++simplices_;
      const Word with_u = index + coder_->binomial(u, size + 1);
      const std::uint64_t* const row = link_->row(u);
      const std::size_t first = u / 64;
      std::fill(below, below + first, 0);
      below[first] = common[first] & row[first] & (~std::uint64_t{1} << (u % 64));
      std::uint64_t any = below[first];
      for (std::size_t w = first + 1; w < words; ++w) any |= below[w] = common[w] & row[w];
      if (any != 0) {
        descend(size + 1, with_u, below);
      } else if (u != greatest) {
        critical_[size + 1].push_back(with_u);
      }
    });
    execution_->poll(words);
  }

  template <class Visit>
  static void each_member(const std::uint64_t* set, std::size_t words, Visit visit) {
    for (std::size_t w = 0; w < words; ++w) {
      for (std::uint64_t bits = set[w]; bits != 0; bits &= bits - 1)
        visit(static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(__builtin_ctzll(bits)));
    }
  }

  Links* links_;
  const BitsetKernels* bits_;
  const SimplexCoder<Word>* coder_;
  Field field_;
  unsigned max_dimension_;
  const Vector<std::uint64_t>* merging_;
  Vector<BlockColumns<Word, Field>>* out_;
  Execution* execution_;
  const Link* link_ = nullptr;
  BlockReducer<Word, Field> reducer_;
  RawVector<std::uint64_t> common_;           // a bitset for each size of S
  Vector<RawVector<Word>> critical_;          // by size of S: indices in the link's numbering
  std::uint64_t simplices_ = 0;
};

}  // namespace tda::detail
