// SPDX-License-Identifier: Apache-2.0
//
// CoverMatching: whether the long bars of one diagram can be matched with bars of another, one to one, none farther away than a limit.
//
// At a limit r a bar needs a partner only if it is farther from the diagonal than r. All bars of both diagrams that need one have one in a single matching exactly if
// those of each diagram have in a matching of their own (N. S. Mendelsohn, A. L. Dulmage, Canad. J. Math. 10 (1958)): so each side is looked at alone, and
// no places on the diagonal are made.
// Matching: J. E. Hopcroft, R. M. Karp, SIAM J. Comput. 2 (1973), with the neighbours of a bar found by PointTree: O(n^1.5 log n), memory in
// proportion to n, no edge is stored. Each limit starts from the matching of the last one that worked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "features/point_tree.hpp"

namespace tda::detail {

class CoverMatching {
 public:
  /// `bars` are to be matched with `others`, which both live as long as it.
  CoverMatching(std::span<const Bar> bars, std::span<const Bar> others, Execution& execution);

  /// Whether all bars farther than `limit` from the diagonal have partners.
  bool covers(double limit);
  /// After covers() was true: the largest distance in its matching, and the largest half length of a bar that needed no partner.
  double largest_cost() const;

  std::span<const Bar> bars() const noexcept { return bars_; }
  /// All the others, in tree 0.
  PointTree& others() noexcept { return others_tree_; }

 private:
  static constexpr std::uint32_t nobody = PointTree::nobody;

  /// Layers the others from the bars without partners; false: no path leads to one that is free.
  bool make_layers(double limit);
  /// Looks for a path through the layers from a bar without partner, and turns it over.
  bool augment(std::uint32_t bar, double limit);

  std::span<const Bar> bars_;
  std::span<const Bar> others_;
  Execution& execution_;
  PointTree others_tree_;
  PointTree layers_;                      // a tree for each layer
  RawVector<std::uint32_t> by_length_;    // bars, longest first: those that need partners are the first `needy_`
  std::size_t needy_ = 0;
  RawVector<std::uint32_t> partner_;      // of a bar
  RawVector<std::uint32_t> partner_of_;   // of one of the others
  RawVector<std::uint32_t> good_partner_; // of a bar, in the last matching that worked
  std::size_t good_needy_ = 0;
  std::uint32_t layer_count_ = 0;
  RawVector<std::uint32_t> front_, next_front_, layer_;
  RawVector<std::uint32_t> path_bars_, path_others_;
};

}  // namespace tda::detail
