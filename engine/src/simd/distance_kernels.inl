// SPDX-License-Identifier: Apache-2.0
//
// The generic source of DistanceKernels; included by target.inl inside the target's anonymous namespace.
// The loops over j are independent lanes: the compiler turns them into vectors of the target.

#include "simd/deterministic_pow.inl"

// sqrt is correctly rounded on every processor (IEEE 754).
inline Vec<double> square_root(Vec<double> x) {
#if defined(__clang__)
  return __builtin_elementwise_sqrt(x);
#elif defined(__AVX512F__) && TDA_VECTOR_BYTES == 64
  return __builtin_ia32_sqrtpd512_mask(x, x, -1, 4);
#elif defined(__AVX__) && TDA_VECTOR_BYTES == 32
  return __builtin_ia32_sqrtpd256(x);
#elif defined(__SSE2__) && TDA_VECTOR_BYTES == 16
  return __builtin_ia32_sqrtpd(x);
#else
  for (std::size_t i = 0; i < lanes<double>; ++i) x[i] = __builtin_sqrt(x[i]);
  return x;
#endif
}

inline void square_roots(double* values, std::size_t count) {
  std::size_t j = 0;
  for (; j + lanes<double> <= count; j += lanes<double>) store(values + j, square_root(load(values + j)));
  for (; j < count; ++j) values[j] = square_root(broadcast<double>(values[j]))[0];
}

// `values` has room for whole vectors.
inline void powers(double* values, std::size_t count, double exponent) {
  for (std::size_t j = 0; j < count; j += lanes<double>) store(values + j, deterministic_pow(load(values + j), exponent));
}

// Points in flight: their partial results stay in the first-level cache.
constexpr std::size_t distance_block = 256;

struct AddSquare {
  static double step(double sum, double difference) { return sum + difference * difference; }
};
struct AddAbsolute {
  static double step(double sum, double difference) { return sum + __builtin_fabs(difference); }
};
struct Largest {
  static double step(double largest, double difference) {
    const double size = __builtin_fabs(difference);
    return size > largest ? size : largest;
  }
};

// `count_k` coordinates in one pass over the points, in order.
template <class Step, std::size_t count_k>
inline void accumulate_some(const double* __restrict coordinates, std::size_t stride, const double* query, double* __restrict partial,
                            std::size_t count) {
  double q[count_k];
  for (std::size_t k = 0; k < count_k; ++k) q[k] = query[k];
  for (std::size_t j = 0; j < count; ++j) {
    double value = partial[j];
#pragma GCC unroll 4
    for (std::size_t k = 0; k < count_k; ++k) value = Step::step(value, coordinates[k * stride + j] - q[k]);
    partial[j] = value;
  }
}

template <class Step>
inline void accumulate(const double* coordinates, std::size_t stride, std::size_t dimension, const double* query, double* partial,
                       std::size_t count) {
  for (std::size_t j = 0; j < count; ++j) partial[j] = 0.0;
  std::size_t k = 0;
  for (; k + 4 <= dimension; k += 4) accumulate_some<Step, 4>(coordinates + k * stride, stride, query + k, partial, count);
  switch (dimension - k) {
    case 3:
      return accumulate_some<Step, 3>(coordinates + k * stride, stride, query + k, partial, count);
    case 2:
      return accumulate_some<Step, 2>(coordinates + k * stride, stride, query + k, partial, count);
    case 1:
      return accumulate_some<Step, 1>(coordinates + k * stride, stride, query + k, partial, count);
    default:
      return;
  }
}

// Runs body(first, size) over blocks of points.
template <class Body>
inline void each_distance_block(std::size_t count, Body body) {
  for (std::size_t first = 0; first < count; first += distance_block) {
    const std::size_t rest = count - first;
    body(first, rest < distance_block ? rest : distance_block);
  }
}

void euclidean_row(const double* coordinates, std::size_t stride, std::size_t dimension, const double* query, double,
                   double* distances, std::size_t count) {
  each_distance_block(count, [=](std::size_t first, std::size_t size) {
    double* out = distances + first;
    accumulate<AddSquare>(coordinates + first, stride, dimension, query, out, size);
    square_roots(out, size);
  });
}

void manhattan_row(const double* coordinates, std::size_t stride, std::size_t dimension, const double* query, double,
                   double* distances, std::size_t count) {
  each_distance_block(count, [=](std::size_t first, std::size_t size) {
    accumulate<AddAbsolute>(coordinates + first, stride, dimension, query, distances + first, size);
  });
}

void chebyshev_row(const double* coordinates, std::size_t stride, std::size_t dimension, const double* query, double,
                   double* distances, std::size_t count) {
  each_distance_block(count, [=](std::size_t first, std::size_t size) {
    accumulate<Largest>(coordinates + first, stride, dimension, query, distances + first, size);
  });
}

void half_squared_row(const double* coordinates, std::size_t stride, std::size_t dimension, const double* query, double,
                      double* distances, std::size_t count) {
  each_distance_block(count, [=](std::size_t first, std::size_t size) {
    double* __restrict out = distances + first;
    accumulate<AddSquare>(coordinates + first, stride, dimension, query, out, size);
    for (std::size_t j = 0; j < size; ++j) {
      const double half = out[j] * 0.5;
      const double capped = half > 2.0 ? 2.0 : half;
      out[j] = half < 0x1p-98 ? 0.0 : capped;
    }
  });
}

void minkowski_row(const double* coordinates, std::size_t stride, std::size_t dimension, const double* query, double exponent,
                   double* distances, std::size_t count) {
  const double root = 1.0 / exponent;
  each_distance_block(count, [=](std::size_t first, std::size_t size) {
    const double* column = coordinates + first;
    double largest[distance_block];
    double scale[distance_block];
    double term[distance_block];
    double sum[distance_block];
    accumulate<Largest>(column, stride, dimension, query, largest, size);
    for (std::size_t j = 0; j < (size + lanes<double> - 1) / lanes<double> * lanes<double>; ++j) term[j] = sum[j] = 0.0;
    for (std::size_t j = 0; j < size; ++j) scale[j] = largest[j] > 0.0 ? largest[j] : 1.0;
    for (std::size_t k = 0; k < dimension; ++k) {
      const double* __restrict values = column + k * stride;
      const double q = query[k];
      for (std::size_t j = 0; j < size; ++j) term[j] = __builtin_fabs(values[j] - q) / scale[j];
      powers(term, size, exponent);
      for (std::size_t j = 0; j < size; ++j) sum[j] += term[j];
    }
    powers(sum, size, root);
    double* __restrict out = distances + first;
    for (std::size_t j = 0; j < size; ++j) {
      const double distance = largest[j] * sum[j];
      out[j] = largest[j] <= 0x1.fffffffffffffp1023 ? distance : largest[j];
    }
  });
}

void power_row(const double* base, double exponent, double* result, std::size_t count) {
  each_distance_block(count, [=](std::size_t first, std::size_t size) {
    double values[distance_block] = {};
    for (std::size_t i = 0; i < size; ++i) values[i] = base[first + i];
    powers(values, size, exponent);
    for (std::size_t i = 0; i < size; ++i) result[first + i] = values[i];
  });
}

constexpr DistanceKernels distance_kernels{.euclidean = euclidean_row,
                                           .manhattan = manhattan_row,
                                           .chebyshev = chebyshev_row,
                                           .half_squared = half_squared_row,
                                           .minkowski = minkowski_row,
                                           .power = power_row};
