// SPDX-License-Identifier: Apache-2.0
#include "support/representatives.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <tuple>

namespace tda::test {
namespace {

std::uint32_t inverse(std::uint64_t base, std::uint32_t p) {
  std::uint64_t result = 1;
  for (std::uint32_t exponent = p - 2; exponent > 0; exponent >>= 1, base = base * base % p)
    if (exponent & 1) result = result * base % p;
  return static_cast<std::uint32_t>(p == 2 ? 1 : result);
}

/// vector += factor · other
void add(SparseVector& vector, const SparseVector& other, std::uint64_t factor, std::uint32_t p) {
  for (const auto& [place, coefficient] : other) {
    const auto sum = static_cast<std::uint32_t>((vector[place] + factor * coefficient) % p);
    if (sum == 0) {
      vector.erase(place);
    } else {
      vector[place] = sum;
    }
  }
}

Simplex without(const Simplex& simplex, std::size_t i) {
  Simplex facet = simplex;
  facet.erase(facet.begin() + static_cast<std::ptrdiff_t>(i));
  return facet;
}

Simplex copy(const std::uint32_t* vertices, std::uint64_t index, std::uint32_t size) {
  return {vertices + index * size, vertices + (index + 1) * size};
}

/// The order within a block: the colexicographically later rest first.
Simplex rest_descending(const Simplex& simplex, const Simplex& edge) {
  Simplex rest;
  std::ranges::set_difference(simplex, edge, std::back_inserter(rest));
  std::ranges::reverse(rest);
  return rest;
}

void extend(const DistanceMatrix& matrix, std::uint32_t max_size, double threshold, Simplex& simplex,
            std::vector<std::vector<Simplex>>& out) {
  for (std::uint32_t v = simplex.empty() ? 0 : simplex.back() + 1; v < matrix.size(); ++v) {
    bool is_joined = matrix.at(v, v) <= threshold && matrix.at(v, v) != infinity;
    for (const std::uint32_t u : simplex) is_joined = is_joined && matrix.at(u, v) <= threshold && matrix.at(u, v) != infinity;
    if (!is_joined) continue;
    simplex.push_back(v);
    out[simplex.size() - 1].push_back(simplex);
    if (simplex.size() < max_size) extend(matrix, max_size, threshold, simplex, out);
    simplex.pop_back();
  }
}

}  // namespace

RepresentativeOutcome compute_representatives(const Input& input, const tda_rips_options& options) {
  RepresentativeOutcome out;
  out.outcome = compute(input, options);
  if (out.outcome.status != TDA_OK) return out;
  BorrowedInput borrowed(input);
  tda_result* result = nullptr;
  EXPECT_EQ(tda_vietoris_rips(borrowed.get(), &options, nullptr, &result, nullptr), TDA_OK);
  out.representatives.resize(options.max_dimension + 1);
  for (std::uint32_t k = 0; k <= options.max_dimension; ++k) {
    tda_representatives_view view{};
    view.struct_size = sizeof view;
    EXPECT_EQ(tda_result_representatives(result, k, &view), TDA_OK);
    EXPECT_EQ(view.kind, options.representatives);
    EXPECT_EQ(view.bar_count, options.representatives == TDA_REPRESENTATIVES_NONE ? 0 : out.outcome.diagrams[k].size());
    const bool has_chains = k > 0 && options.representatives >= TDA_REPRESENTATIVES_COCYCLES;
    EXPECT_EQ(view.chain_offsets != nullptr, has_chains);
    if (has_chains) {
      EXPECT_EQ(view.chain_offsets[0], 0u);
    }
    for (std::uint64_t i = 0; i < view.bar_count; ++i) {
      Representative one{.birth = copy(view.birth_simplices, i, k + 1), .death = copy(view.death_simplices, i, k + 2), .chain = {}, .loop = {}};
      if (one.death[0] == TDA_NO_VERTEX) {
        EXPECT_TRUE(std::ranges::all_of(one.death, [](std::uint32_t v) { return v == TDA_NO_VERTEX; }));
        one.death.clear();
      }
      for (std::uint64_t j = has_chains ? view.chain_offsets[i] : 0; has_chains && j < view.chain_offsets[i + 1]; ++j) {
        one.chain.emplace_back(copy(view.chain_simplices, j, k + 1), view.chain_coefficients[j]);
        if (view.loop_vertices != nullptr) one.loop.push_back(view.loop_vertices[j]);
      }
      out.representatives[k].push_back(one);
    }
  }
  tda_result_free(result);
  return out;
}

OrderedComplex::OrderedComplex(const DistanceMatrix& matrix, std::uint32_t max_simplex_dimension, double threshold)
    : matrix_(&matrix), simplices_(std::max(max_simplex_dimension, 1u) + 1) {
  Simplex simplex;
  extend(matrix, std::max(max_simplex_dimension, 1u) + 1, threshold, simplex, simplices_);
  std::ranges::sort(simplices_[0], {}, [&](const Simplex& s) { return std::tuple(matrix.at(s[0], s[0]), s[0]); });
  std::ranges::sort(simplices_[1], {}, [&](const Simplex& s) { return std::tuple(matrix.at(s[0], s[1]), s[1], s[0]); });
  std::map<Simplex, std::uint32_t> rank;
  for (std::uint32_t r = 0; r < simplices_[1].size(); ++r) rank[simplices_[1][r]] = r;
  for (std::size_t k = 2; k < simplices_.size(); ++k) {
    const auto longest = [&](const Simplex& s) {
      std::uint32_t best = 0;
      for (std::size_t i = 0; i < s.size(); ++i)
        for (std::size_t j = i + 1; j < s.size(); ++j) best = std::max(best, rank.at({s[i], s[j]}));
      return best;
    };
    std::ranges::sort(simplices_[k], [&](const Simplex& a, const Simplex& b) {
      const std::uint32_t rank_a = longest(a);
      const std::uint32_t rank_b = longest(b);
      if (rank_a != rank_b) return rank_a < rank_b;
      return rest_descending(a, simplices_[1][rank_a]) > rest_descending(b, simplices_[1][rank_b]);
    });
  }
  for (const auto& dimension : simplices_)
    for (std::uint32_t i = 0; i < dimension.size(); ++i) places_[dimension[i]] = i;
}

double OrderedComplex::value(const Simplex& simplex) const {
  double value = matrix_->at(simplex[0], simplex[0]);
  for (std::size_t i = 0; i < simplex.size(); ++i)
    for (std::size_t j = i + 1; j < simplex.size(); ++j) value = std::max(value, matrix_->at(simplex[i], simplex[j]));
  return value;
}

SparseVector boundary(const OrderedComplex& complex, const Chain& chain, std::uint32_t field) {
  SparseVector out;
  for (const auto& [simplex, coefficient] : chain) {
    for (std::size_t i = 0; i < simplex.size(); ++i) {
      const std::uint32_t sign = i % 2 == 0 ? 1 : field - 1;
      add(out, {{complex.place(without(simplex, i)), sign}}, coefficient, field);
    }
  }
  return out;
}

std::map<std::uint32_t, ReducedColumn> reduce_boundaries(const OrderedComplex& complex, std::uint32_t dimension, std::uint32_t field) {
  std::map<std::uint32_t, ReducedColumn> reduced;
  const std::vector<Simplex>& columns = complex.simplices(dimension + 1);
  for (std::uint32_t c = 0; c < columns.size(); ++c) {
    SparseVector column = remainder(boundary(complex, {{columns[c], 1}}, field), reduced, c, field);
    if (!column.empty()) reduced[column.rbegin()->first] = {c, column};
  }
  return reduced;
}

SparseVector remainder(SparseVector vector, const std::map<std::uint32_t, ReducedColumn>& columns, std::uint32_t end, std::uint32_t field) {
  SparseVector rest;
  while (!vector.empty()) {
    const auto [pivot, coefficient] = *vector.rbegin();
    const auto owner = columns.find(pivot);
    if (owner == columns.end() || owner->second.column >= end) {
      rest[pivot] = coefficient;
      vector.erase(pivot);
      continue;
    }
    const std::uint64_t factor = std::uint64_t{field - coefficient} * inverse(owner->second.entries.rbegin()->second, field) % field;
    add(vector, owner->second.entries, factor, field);
  }
  return rest;
}

Representatives naive_representatives(const OrderedComplex& complex, std::uint32_t max_dimension, std::uint32_t field) {
  Representatives out(max_dimension + 1);
  std::vector<bool> is_death(complex.simplices(0).size(), false);
  for (std::uint32_t k = 0; k <= max_dimension; ++k) {
    const std::vector<Simplex>& simplices = complex.simplices(k);
    const std::vector<Simplex>& cofacets = complex.simplices(k + 1);
    const auto pairs = reduce_boundaries(complex, k, field);
    // Cohomology: by pivot (the earliest cofacet), the combination and its coboundary.
    std::map<std::uint32_t, std::pair<SparseVector, SparseVector>> owners;
    std::vector<SparseVector> coboundaries(simplices.size());
    for (std::uint32_t c = 0; c < cofacets.size(); ++c)
      for (const auto& [facet, coefficient] : boundary(complex, {{cofacets[c], 1}}, field)) coboundaries[facet][c] = coefficient;
    std::vector<SparseVector> combinations(simplices.size());
    for (auto i = static_cast<std::uint32_t>(simplices.size()); k > 0 && i-- > 0;) {
      SparseVector combination = {{i, 1}};
      SparseVector column = coboundaries[i];
      while (!column.empty() && owners.contains(column.begin()->first)) {
        const auto& [owner, coboundary] = owners.at(column.begin()->first);
        const std::uint64_t factor = std::uint64_t{field - column.begin()->second} * inverse(coboundary.begin()->second, field) % field;
        add(combination, owner, factor, field);
        add(column, coboundary, factor, field);
      }
      if (!column.empty()) owners[column.begin()->first] = {combination, column};
      combinations[i] = combination;
    }
    for (std::uint32_t i = 0; i < simplices.size(); ++i) {
      if (is_death[i]) continue;
      const auto pair = pairs.find(i);
      Representative one{.birth = simplices[i], .death = {}, .chain = {}, .loop = {}};
      double end = infinity;
      if (pair != pairs.end()) {
        one.death = cofacets[pair->second.column];
        end = complex.value(one.death);
        if (complex.value(one.birth) == end) continue;
      }
      for (const auto& [place, coefficient] : combinations[i])
        if (complex.value(simplices[place]) < end) one.chain.emplace_back(simplices[place], coefficient);
      out[k].push_back(one);
    }
    std::ranges::stable_sort(out[k], {}, [&](const Representative& one) {
      return std::tuple(complex.value(one.birth), one.death.empty() ? infinity : complex.value(one.death), complex.place(one.birth));
    });
    is_death.assign(cofacets.size(), false);
    for (const auto& [birth, column] : pairs) is_death[column.column] = true;
  }
  return out;
}

std::string to_string(const Representatives& representatives) {
  std::ostringstream text;
  const auto text_of = [](const Simplex& simplex) {
    std::ostringstream vertices;
    for (const std::uint32_t v : simplex) vertices << (vertices.tellp() == 0 ? '[' : ',') << v;
    return vertices.str() + ']';
  };
  for (std::size_t k = 0; k < representatives.size(); ++k) {
    for (const Representative& one : representatives[k]) {
      text << '\n' << k << ": " << text_of(one.birth) << ' ' << text_of(one.death);
      for (const auto& [simplex, coefficient] : one.chain) text << ' ' << coefficient << text_of(simplex);
    }
  }
  return text.str();
}

}  // namespace tda::test
