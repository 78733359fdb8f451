// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/relative_neighbours.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tda::detail {
namespace {

constexpr std::size_t most_coordinates = 8;
constexpr std::size_t most_excluders = 32;

constexpr double margin = 0x1p-18;
/// Squares of distances below it could be subnormal as float32 lengths: they exclude nothing.
constexpr double least_square = 0x1p-200;

using Vector8 = std::array<double, most_coordinates>;

class RelativeNeighbours {
 public:
  RelativeNeighbours(const KdTree& tree, std::uint64_t work_limit, Execution& execution)
      : tree_(tree), cloud_(tree.cloud()), dimension_(cloud_.dimension()), work_limit_(work_limit), execution_(execution) {}

  std::optional<double> run(std::uint32_t stride) {
    for (std::uint64_t next = 0; next < cloud_.count(); next += stride) {
      const auto a = static_cast<std::uint32_t>(next);
      execution_.poll(1);
      if (a > 0 && coincide(a - 1, a)) continue;
      copy(a, from_);
      from_point_ = a;
      count_ = 0;
      walk(0);
      settle();
      execution_.set_columns_done(a);
      if (work_ > work_limit_) return std::nullopt;
    }
    // Twice the margin, for the rounding of what was compared.
    return std::sqrt(longest_) * (1 + 2 * margin);
  }

 private:
  struct Excluder {
    Vector8 offset;  // from a
    double square;
    std::uint32_t point;
  };
  struct Span {
    double least;
    double most;
  };

  void copy(std::uint32_t point, Vector8& out) const noexcept {
    for (std::size_t k = 0; k < dimension_; ++k) out[k] = cloud_.column(k)[point];
  }

  bool coincide(std::uint32_t a, std::uint32_t b) const noexcept {
    for (std::size_t k = 0; k < dimension_; ++k)
      if (cloud_.column(k)[a] != cloud_.column(k)[b]) return false;
    return true;
  }

  /// Squared distances of a point and a box, up to rounding.
  Span span(const Vector8& point, std::uint32_t node) const noexcept {
    const double* const lower = tree_.lower(node);
    const double* const upper = tree_.upper(node);
    Span out{0, 0};
    for (std::size_t k = 0; k < dimension_; ++k) {
      const double low = lower[k] - point[k];
      const double high = upper[k] - point[k];
      const double gap = std::max(0.0, std::max(low, -high));
      const double reach = std::max(high, -low);
      out.least += gap * gap;
      out.most += reach * reach;
    }
    return out;
  }

  /// Is every point of the box excluded by one and the same excluder?
  bool is_excluded(std::uint32_t node, const Span& s) const noexcept {
    if (s.least < least_square) return false;
    const double* const lower = tree_.lower(node);
    const double* const upper = tree_.upper(node);
    for (std::size_t i = 0; i < count_; ++i) {
      const Excluder& u = excluders_[i];
      if (!(u.square * (1 + margin) < s.least)) continue;
      double least = 0;
      for (std::size_t k = 0; k < dimension_; ++k)
        least += std::min(u.offset[k] * (lower[k] - from_[k]), u.offset[k] * (upper[k] - from_[k]));
      // |b − a|² − |b − u|²
      if (2 * least - u.square > 2 * margin * s.most) return true;
    }
    return false;
  }

  bool is_excluded(const Vector8& offset, double square, std::uint32_t point) const noexcept {
    if (square < least_square) return false;
    for (std::size_t i = 0; i < count_; ++i) {
      const Excluder& u = excluders_[i];
      if (u.point == point || !(u.square * (1 + margin) < square)) continue;
      double product = 0;
      for (std::size_t k = 0; k < dimension_; ++k) product += u.offset[k] * offset[k];
      if (2 * product - u.square > 2 * margin * square) return true;
    }
    return false;
  }

  void walk(std::uint32_t node) {
    const KdTree::Node& n = tree_.nodes()[node];
    if (n.is_leaf()) return look_into(n);
    const Span left = span(from_, node + 1);
    const Span right = span(from_, n.right);
    work_ += 2;
    execution_.poll(4 + dimension_);
    const bool right_first = right.least < left.least || (right.least == left.least && from_point_ >= tree_.nodes()[n.right].begin);
    const std::uint32_t first = right_first ? n.right : node + 1;
    const std::uint32_t second = right_first ? node + 1 : n.right;
    const Span& first_span = right_first ? right : left;
    const Span& second_span = right_first ? left : right;
    if (first_span.most > 0 && !is_excluded(first, first_span)) walk(first);
    if (second_span.most > 0 && !is_excluded(second, second_span)) walk(second);
  }

  void look_into(const KdTree::Node& leaf) {
    work_ += leaf.size();
    execution_.poll(leaf.size() * (2 + dimension_));
    for (std::uint32_t b = leaf.begin; b < leaf.end; ++b) {
      Vector8 offset;
      double square = 0;
      for (std::size_t k = 0; k < dimension_; ++k) {
        offset[k] = cloud_.column(k)[b] - from_[k];
        square += offset[k] * offset[k];
      }
      if (square == 0 || is_excluded(offset, square, b)) continue;
      if (count_ < most_excluders) {
        excluders_[count_++] = {offset, square, b};
      } else {
        measure(b, square);
      }
    }
  }

  /// The excluders that nobody excludes.
  void settle() {
    for (std::size_t i = 0; i < count_; ++i) {
      const Excluder& u = excluders_[i];
      if (u.square > longest_ && !is_excluded(u.offset, u.square, u.point)) measure(u.point, u.square);
    }
  }

  void measure(std::uint32_t point, double square) {
    if (square <= longest_) return;
    copy(point, to_);
    if (square < least_square || !has_point_between(0, square)) longest_ = square;
  }

  /// Is a point of the node nearer to both ends?
  bool has_point_between(std::uint32_t node, double square) {
    work_ += 2;
    execution_.poll(4 + dimension_);
    if (span(from_, node).least >= square || span(to_, node).least >= square) return false;
    const KdTree::Node& n = tree_.nodes()[node];
    if (!n.is_leaf()) return has_point_between(node + 1, square) || has_point_between(n.right, square);
    work_ += n.size();
    for (std::uint32_t u = n.begin; u < n.end; ++u) {
      double to_a = 0;
      double to_b = 0;
      for (std::size_t k = 0; k < dimension_; ++k) {
        const double x = cloud_.column(k)[u];
        to_a += (x - from_[k]) * (x - from_[k]);
        to_b += (x - to_[k]) * (x - to_[k]);
      }
      if (std::max(to_a, to_b) * (1 + 2 * margin) < square) return true;
    }
    return false;
  }

  const KdTree& tree_;
  const PointCloud& cloud_;
  std::size_t dimension_;
  std::uint64_t work_limit_;
  Execution& execution_;
  std::uint64_t work_ = 0;
  double longest_ = 0;  // squared
  Vector8 from_{};
  Vector8 to_{};
  std::uint32_t from_point_ = 0;
  std::size_t count_ = 0;
  std::array<Excluder, most_excluders> excluders_;
};

}  // namespace

std::optional<double> bound_relative_neighbours(const KdTree& tree, std::uint32_t stride, std::uint64_t work_limit, Execution& execution) {
  const PointCloud& cloud = tree.cloud();
  if (cloud.metric().kind != Metric::euclidean || cloud.extreme() || cloud.dimension() > most_coordinates) return std::nullopt;
  return cloud.count() < 2 ? 0.0 : RelativeNeighbours(tree, work_limit, execution).run(stride);
}

}  // namespace tda::detail
