// SPDX-License-Identifier: Apache-2.0
//
// The bottleneck distance of two diagrams, exactly.
//
// D. Cohen-Steiner, H. Edelsbrunner, J. Harer, Stability of persistence diagrams, Discrete Comput. Geom. 37 (2007): the least d such that the bars can be matched
// at cost at most d each, with bars of the other diagram or with the diagonal. It is one of finitely many numbers: a distance of two bars, or half a length.
// M. Kerber, D. Morozov, A. Nigmetov, Geometry helps to compare persistence diagrams, ACM J. Exp. Algorithmics 22 (2017), Section 3: the limit is bisected, and
// each limit decided by a matching (cover_matching.hpp). The interval shrinks to costs that occur; once few candidates are left in it, they are
// listed and the bisection ends among them. So the result is one of them, rounded once, whatever way the bisection took.
// Cost: about 30 matchings. Memory: some 150 bytes a bar.
#pragma once

#include "core/error.hpp"
#include "features/diagram_points.hpp"

namespace tda::detail {

/// +inf: the numbers of essential bars differ. TDA_ERROR_DISTANCE_OVERFLOW: essential births are farther apart than doubles can say.
Expected<double> bottleneck_distance(const DiagramPoints& first, const DiagramPoints& second, Execution& execution);

}  // namespace tda::detail
