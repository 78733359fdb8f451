// SPDX-License-Identifier: Apache-2.0
#include "spanning_tree/prim.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace tda::detail {
namespace {

constexpr std::uint32_t piece = 1 << 10;

class Prim {
 public:
  Prim(PointCloud& cloud, Execution& execution)
      : cloud_(cloud),
        execution_(execution),
        left_(cloud.count() - 1),
        number_(execution.budget()),
        nearest_(execution.budget()),
        distance_(execution.budget()),
        query_(execution.budget()) {
    number_.resize(left_);
    for (std::uint32_t j = 0; j < left_; ++j) number_[j] = j;
    nearest_.assign(left_, left_);
    distance_.assign(left_, std::numeric_limits<double>::infinity());
    query_.resize(cloud.dimension());
    latest_ = left_;
    cloud.copy_point(left_, query_.data());
  }

  RawVector<TreeEdge> run() {
    RawVector<TreeEdge> edges(execution_.budget());
    edges.reserve(left_);
    std::uint64_t done = 0;
    while (left_ > 0) {
      const double least = meet_the_rest();
      execution_.set_columns_done(done += left_);
      const auto place = static_cast<std::uint32_t>(std::find(distance_.begin(), distance_.begin() + left_, least) - distance_.begin());
      edges.push_back({least, nearest_[place], number_[place]});
      join(place);
    }
    return edges;
  }

 private:
  // Distances of the point that joined last. Returns the least distance of a point outside of the tree.
  double meet_the_rest() {
    std::array<double, piece> row;
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t first = 0; first < left_; first += std::min(piece, left_ - first)) {
      const std::uint32_t count = std::min(piece, left_ - first);
      cloud_.distances(query_.data(), first, count, row.data());
      least = std::min(least, lessen(first, row.data(), count));
      execution_.poll(count * cloud_.work_per_distance());
    }
    return least;
  }

  // In lanes that the compiler can make a vector of. A point comes nearer to the tree only a few times.
  double lessen(std::uint32_t first, const double* row, std::size_t count) noexcept {
    constexpr std::size_t lanes = 8;
    double* const distance = distance_.data() + first;
    double least[lanes];
    std::fill_n(least, lanes, std::numeric_limits<double>::infinity());
    const auto take = [&](std::size_t j) {
      if (!(row[j] < distance[j])) return;
      distance[j] = row[j];
      nearest_[first + j] = latest_;
    };
    std::size_t j = 0;
    for (; j + lanes <= count; j += lanes) {
      bool nearer = false;
      for (std::size_t l = 0; l < lanes; ++l) nearer |= row[j + l] < distance[j + l];
      if (nearer)
        for (std::size_t l = 0; l < lanes; ++l) take(j + l);
      for (std::size_t l = 0; l < lanes; ++l) least[l] = distance[j + l] < least[l] ? distance[j + l] : least[l];
    }
    for (; j < count; ++j) {
      take(j);
      least[0] = std::min(least[0], distance[j]);
    }
    return *std::min_element(least, least + lanes);
  }

  // Points [0, left) are outside of the tree: the last one takes the place of the one that joins.
  void join(std::uint32_t place) {
    latest_ = number_[place];
    cloud_.copy_point(place, query_.data());
    --left_;
    number_[place] = number_[left_];
    nearest_[place] = nearest_[left_];
    distance_[place] = distance_[left_];
    for (std::size_t k = 0; k < cloud_.dimension(); ++k) cloud_.column(k)[place] = cloud_.column(k)[left_];
  }

  PointCloud& cloud_;
  Execution& execution_;
  std::uint32_t left_;
  std::uint32_t latest_;
  RawVector<std::uint32_t> number_;   // of each point outside, before the permutation
  RawVector<std::uint32_t> nearest_;  // the point of the tree that it is nearest to
  RawVector<double> distance_;
  RawVector<double> query_;
};

}  // namespace

RawVector<TreeEdge> prim_tree(PointCloud& cloud, Execution& execution) {
  return cloud.count() < 2 ? RawVector<TreeEdge>(execution.budget()) : Prim(cloud, execution).run();
}

}  // namespace tda::detail
