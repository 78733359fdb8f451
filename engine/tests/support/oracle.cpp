// SPDX-License-Identifier: Apache-2.0
#include "support/oracle.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>

namespace tda::test {
namespace {

struct Term {
  std::uint32_t row;
  std::uint32_t coefficient;  // 1 … p − 1
};
using Column = std::vector<Term>;  // rows ascending

std::uint32_t power(std::uint64_t base, std::uint32_t exponent, std::uint32_t p) {
  std::uint64_t result = 1;
  for (base %= p; exponent > 0; exponent >>= 1, base = base * base % p)
    if (exponent & 1) result = result * base % p;
  return static_cast<std::uint32_t>(result);
}

/// a + factor · b
Column sum(const Column& a, const Column& b, std::uint32_t factor, std::uint32_t p) {
  Column result;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i].row < b[j].row)) {
      result.push_back(a[i++]);
      continue;
    }
    std::uint64_t coefficient = std::uint64_t{b[j].coefficient} * factor;
    const std::uint32_t row = b[j].row;
    if (i < a.size() && a[i].row == row) coefficient += a[i++].coefficient;
    ++j;
    if (coefficient % p != 0) result.push_back({row, static_cast<std::uint32_t>(coefficient % p)});
  }
  return result;
}

void extend_cliques(const DistanceMatrix& matrix, std::uint32_t max_size, double threshold, FilteredSimplex& simplex,
                    FilteredComplex& complex) {
  const std::uint32_t first = simplex.vertices.empty() ? 0 : simplex.vertices.back() + 1;
  const double value = simplex.value;
  for (std::uint32_t v = first; v < matrix.size(); ++v) {
    double extended = std::max(value, matrix.at(v, v));
    for (std::uint32_t u : simplex.vertices) extended = std::max(extended, matrix.at(u, v));
    if (extended > threshold || extended == infinity) continue;
    simplex.vertices.push_back(v);
    simplex.value = extended;
    complex.push_back(simplex);
    if (simplex.vertices.size() < max_size) extend_cliques(matrix, max_size, threshold, simplex, complex);
    simplex.vertices.pop_back();
  }
  simplex.value = value;
}

}  // namespace

Diagrams brute_force_persistence(FilteredComplex complex, std::uint32_t max_dimension, std::uint32_t p) {
  std::ranges::sort(complex, [](const FilteredSimplex& a, const FilteredSimplex& b) {
    if (a.value != b.value) return a.value < b.value;
    if (a.vertices.size() != b.vertices.size()) return a.vertices.size() < b.vertices.size();
    return a.vertices < b.vertices;
  });
  std::map<std::vector<std::uint32_t>, std::uint32_t> position;
  for (std::uint32_t i = 0; i < complex.size(); ++i) position[complex[i].vertices] = i;

  Diagrams diagrams(max_dimension + 1);
  const auto add_bar = [&](std::size_t birth, double death) {
    const std::size_t dimension = complex[birth].vertices.size() - 1;
    if (dimension <= max_dimension && complex[birth].value < death)
      diagrams[dimension].push_back({complex[birth].value, death});
  };
  std::unordered_map<std::uint32_t, Column> reduced;  // by lowest row
  std::set<std::uint32_t> unpaired;
  for (std::uint32_t i = 0; i < complex.size(); ++i) {
    Column column;
    for (std::size_t k = 0; k < complex[i].vertices.size() && complex[i].vertices.size() > 1; ++k) {
      std::vector<std::uint32_t> face = complex[i].vertices;
      face.erase(face.begin() + static_cast<std::ptrdiff_t>(k));
      const auto found = position.find(face);
      if (found == position.end() || found->second > i) throw std::invalid_argument("a face is missing or too young");
      column.push_back({found->second, k % 2 == 0 ? 1 : p - 1});
    }
    std::ranges::sort(column, {}, &Term::row);
    while (!column.empty()) {
      const auto owner = reduced.find(column.back().row);
      if (owner == reduced.end()) break;
      const std::uint64_t inverse = power(owner->second.back().coefficient, p - 2, p);
      const auto factor = static_cast<std::uint32_t>((p - column.back().coefficient) * inverse % p);
      column = sum(column, owner->second, factor, p);
    }
    if (column.empty()) {
      unpaired.insert(i);
    } else {
      const std::uint32_t low = column.back().row;
      add_bar(low, complex[i].value);
      unpaired.erase(low);
      reduced.emplace(low, std::move(column));
    }
  }
  for (std::uint32_t i : unpaired) add_bar(i, infinity);
  for (Diagram& diagram : diagrams) std::ranges::sort(diagram);
  return diagrams;
}

FilteredComplex flag_complex(const DistanceMatrix& matrix, std::uint32_t max_simplex_dimension, double threshold) {
  FilteredComplex complex;
  FilteredSimplex simplex{{}, 0};
  extend_cliques(matrix, max_simplex_dimension + 1, threshold, simplex, complex);
  return complex;
}

FilteredComplex closure(const std::vector<std::vector<std::uint32_t>>& facets) {
  std::set<std::vector<std::uint32_t>> simplices;
  for (const auto& facet : facets) {
    for (std::uint32_t mask = 1; mask < (1u << facet.size()); ++mask) {
      std::vector<std::uint32_t> face;
      for (std::size_t k = 0; k < facet.size(); ++k)
        if (mask >> k & 1) face.push_back(facet[k]);
      std::ranges::sort(face);
      simplices.insert(face);
    }
  }
  FilteredComplex complex;
  for (const auto& vertices : simplices) complex.push_back({vertices, 0});
  return complex;
}

Diagrams brute_force_rips(const DistanceMatrix& matrix, const tda_rips_options& options, tda_scalar scalar) {
  const double threshold = scalar == TDA_FLOAT32 ? static_cast<double>(static_cast<float>(options.threshold)) : options.threshold;
  return brute_force_persistence(flag_complex(matrix, options.max_dimension + 1, threshold), options.max_dimension,
                                 options.coefficient_field);
}

}  // namespace tda::test
