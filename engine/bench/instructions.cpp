// SPDX-License-Identifier: Apache-2.0
//
// Small computations whose instructions are counted: `instructions` lists the cases, `instructions NAME` runs one and prints
// its numbers of bars. Everything it needs is in tda.h since 0.1.0, so that the same source measures an older engine.
#include <tda/tda.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

namespace {

/// Uniform doubles in [0, 1): the 64-bit linear congruential generator of Knuth's MMIX.
class Random {
 public:
  double next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t state_ = 1;
};

std::vector<double> uniform(std::size_t count) {
  Random random;
  std::vector<double> values(count);
  for (double& value : values) value = random.next();
  return values;
}

/// Lower distance matrix of points on the unit sphere: many triangles, one class in dimension 2.
std::vector<double> sphere_distances(std::size_t points) {
  std::vector<double> cube = uniform(3 * points), lower;
  for (std::size_t i = 0; i < points; ++i) {
    double* x = &cube[3 * i];
    for (int k = 0; k < 3; ++k) x[k] -= 0.5;
    const double norm = std::sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
    for (int k = 0; k < 3; ++k) x[k] /= norm;
    for (std::size_t j = 0; j < i; ++j) lower.push_back(std::hypot(x[0] - cube[3 * j], x[1] - cube[3 * j + 1], x[2] - cube[3 * j + 2]));
  }
  return lower;
}

struct Entries {
  std::vector<double> values;
  std::vector<std::uint32_t> rows, columns;
};

/// A ring of points, each joined to its nearest on both sides, with random lengths.
Entries ring_with_chords(std::uint32_t points, std::uint32_t reach) {
  Random random;
  Entries entries;
  for (std::uint32_t i = 0; i < points; ++i) {
    for (std::uint32_t step = 1; step <= reach; ++step) {
      entries.rows.push_back(i);
      entries.columns.push_back((i + step) % points);
      entries.values.push_back(step + random.next());
    }
  }
  return entries;
}

struct Case {
  const char* name;
  std::uint32_t kind;
  std::uint64_t rows, columns;
  std::uint32_t max_dimension;
  double threshold = std::numeric_limits<double>::infinity();
  std::uint32_t field = 2;
};

constexpr Case cases[] = {
    {"matrix-dimension-2", TDA_DISTANCES_LOWER, 90, 0, 2},
    {"matrix-dimension-2-over-z3", TDA_DISTANCES_LOWER, 90, 0, 2, std::numeric_limits<double>::infinity(), 3},
    {"matrix-dimension-4", TDA_DISTANCES_LOWER, 26, 0, 4},
    {"sparse-dimension-1", TDA_DISTANCES_SPARSE, 6000, 0, 1},
    {"points-dimension-0", TDA_POINTS, 900, 3, 0},
    {"points-dimension-1", TDA_POINTS, 400, 3, 1},
    {"points-dimension-2-threshold", TDA_POINTS, 400, 3, 2, 0.25},
    {"many-points-dimension-1-threshold", TDA_POINTS, 6000, 2, 1, 0.02},
};

/// The widest vectors that the counting tool knows; the same everywhere, so that counts can be compared.
std::uint32_t simd_target() {
  for (const std::uint32_t target : {TDA_SIMD_AVX2, TDA_SIMD_NEON}) {
    if (tda_simd_target_available(target) != 0) return target;
  }
  return TDA_SIMD_BASELINE;
}

int run(const Case& row) {
  std::vector<double> values;
  Entries entries;
  if (row.kind == TDA_DISTANCES_LOWER) {
    values = sphere_distances(row.rows);
  } else if (row.kind == TDA_DISTANCES_SPARSE) {
    entries = ring_with_chords(static_cast<std::uint32_t>(row.rows), 6);
    values = entries.values;
  } else {
    values = uniform(row.rows * row.columns);
  }
  tda_input input{};
  input.struct_size = sizeof input;
  tda_input_init(&input);
  input.kind = row.kind;
  input.scalar = TDA_FLOAT64;
  input.rows = row.rows;
  input.columns = row.columns;
  input.values = values.data();
  input.entry_count = entries.values.size();
  input.row_indices = entries.rows.data();
  input.column_indices = entries.columns.data();
  tda_rips_options options{};
  options.struct_size = sizeof options;
  tda_rips_options_init(&options);
  options.max_dimension = row.max_dimension;
  options.threshold = row.threshold;
  options.coefficient_field = row.field;
  options.threads = 1;
  options.simd_target = simd_target();
  tda_error error{};
  error.struct_size = sizeof error;
  tda_result* result = nullptr;
  if (tda_vietoris_rips(&input, &options, nullptr, &result, &error) != TDA_OK) {
    std::fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  for (std::uint32_t dimension = 0; dimension < tda_result_diagram_count(result); ++dimension) {
    std::uint64_t bars = 0;
    tda_result_diagram(result, dimension, &bars);
    std::printf("%llu ", static_cast<unsigned long long>(bars));
  }
  std::printf("\n");
  tda_result_free(result);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  for (const Case& row : cases) {
    if (count < 2) {
      std::printf("%s\n", row.name);
    } else if (std::strcmp(arguments[1], row.name) == 0) {
      return run(row);
    }
  }
  return count < 2 ? 0 : 2;
}
