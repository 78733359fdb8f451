/* SPDX-License-Identifier: Apache-2.0
 *
 * Features: what is computed of diagrams, series and points besides persistence itself. The conventions are those of tda.h.
 *
 * One call computes any number of features in order, so that a binding crosses its bridge once for all that it wants of a window. Each feature
 * gives an array of doubles. The bytes are the same on every machine, instruction set and binding: no function of the C library that rounds
 * differently between versions is used, and nothing depends on threads (there are none).
 *
 * A diagram is an array of pairs (birth, death), in any order: births finite, deaths not before their births, +inf = essential. Bars of length zero are
 * allowed and change nothing. `essential_death` is put in the place of infinite deaths (of a birth after it: the birth); NaN keeps them infinite.
 */
#ifndef TDA_FEATURES_H
#define TDA_FEATURES_H

#include "tda/tda.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a feature reads and gives. Essential bars that are left infinite: distances match them among themselves by birth, Betti curves count
 * them, everything else leaves them out. */
typedef enum tda_feature_kind {
  /* first, second: diagrams; 1 value. The least d such that the bars can be matched one to one, each bar with one of the other diagram or with the diagonal,
   * at most d apart in the larger of the differences of births and deaths (D. Cohen-Steiner, H. Edelsbrunner, J. Harer, Discrete Comput. Geom. 37
   * (2007)). Exact: it is the difference of two numbers of the input, or half of one, rounded once. Different numbers of essential bars: +inf. */
  TDA_FEATURE_BOTTLENECK_DISTANCE = 0,
  /* first, second: diagrams; 1 value: (sum of d(x, y)^order)^(1/order) of the best such matching, with d by `norm` (M. Kerber, D. Morozov,
   * A. Nigmetov, ACM J. Exp. Algorithmics 22 (2017)). The matching is optimal for the powers rounded to 2^-90 of the largest: no approximation.
   * Different numbers of essential bars: +inf. */
  TDA_FEATURE_WASSERSTEIN_DISTANCE = 1,
  /* first: diagram; 1 value: the sum of (death - birth)^order. */
  TDA_FEATURE_TOTAL_PERSISTENCE = 2,
  /* first: diagram; 1 value: -sum of p ln p, p = length / total length (H. Chintakunta, T. Gentimis, R. Gonzalez-Diaz, M.-J. Jimenez, H. Krim, Pattern
   * Recognition 48 (2015)). 0 without bars. */
  TDA_FEATURE_PERSISTENCE_ENTROPY = 3,
  /* first: diagram; grid_points values: how many bars have birth <= t < death at each t of the grid. */
  TDA_FEATURE_BETTI_CURVE = 4,
  /* first: diagram; levels x grid_points values, row-major: the k-th largest of max(0, min(t - birth, death - t)), k = 1 .. levels, at each t of
   * the grid (P. Bubenik, J. Mach. Learn. Res. 16 (2015)). */
  TDA_FEATURE_PERSISTENCE_LANDSCAPE = 5,
  /* first: diagram; persistence_points x grid_points values, row-major, rows by persistence, columns by birth: at the points of the two grids the sum over
   * the bars of (death - birth)^order times the Gaussian density of standard deviation `bandwidth` around (birth, death - birth)
   * (H. Adams et al., J. Mach. Learn. Res. 18 (2017)). */
  TDA_FEATURE_PERSISTENCE_IMAGE = 6,
  /* first: a series of first_rows vectors of `columns` numbers; rows of dimension x columns values: row i is the vectors i skip, i skip + delay, ..,
   * i skip + (dimension - 1) delay, one after the other, as long as the last one exists (F. Takens, LNM 898 (1981)). */
  TDA_FEATURE_TAKENS_EMBEDDING = 7,
  /* first: first_rows points of `columns` coordinates; 1 + k values: the largest distance of a point from the sample (0 without points), then the rows of the
   * sample, ascending: at most `points` of them, the first row, then always the row farthest from those before, of equal ones the least; rows that
   * equal a chosen one are not taken (T. F. Gonzalez, Theor. Comput. Sci. 38 (1985)). By `metric` and `minkowski_p`, as of tda_input. */
  TDA_FEATURE_FARTHEST_POINTS = 8,
  /* first: finite numbers, the history; second: finite numbers; for each of them (x - median) / (1.482602218505602 MAD), with the median of the history and
   * MAD the median of the distances from it (1 / the upper quartile of the normal distribution; C. Leys et al., J. Exp. Soc. Psychol. 49 (2013)). The median of
   * an even number is half way between the middle two. No value where the history is empty or its MAD is 0. */
  TDA_FEATURE_ROBUST_Z_SCORE = 9
} tda_feature_kind;

/* How far apart two bars are in the plane, and a bar is from the diagonal. */
typedef enum tda_diagram_norm {
  TDA_NORM_INFINITY = 0, /* max(|db|, |dd|); length / 2 */
  TDA_NORM_2 = 1,        /* sqrt(db^2 + dd^2); length / sqrt(2) */
  TDA_NORM_1 = 2         /* |db| + |dd|; length */
} tda_diagram_norm;

/* Fields that a feature does not read are ignored. A grid of n points has start + i (end - start) / (n - 1), the last exactly `end`; one point: `start`. */
typedef struct tda_feature {
  uint32_t struct_size;
  uint32_t kind;              /* tda_feature_kind */
  const double *first;        /* may be NULL where its length is 0 */
  uint64_t first_rows;        /* bars, vectors, points or numbers */
  const double *second;
  uint64_t second_rows;
  uint64_t columns;           /* of a series or of points */
  double essential_death;     /* of diagrams; NaN = none */
  double order;               /* Wasserstein: 1 .. 64; total persistence and image: 0 .. 64 */
  uint32_t norm;              /* tda_diagram_norm, of Wasserstein */
  uint32_t metric;            /* tda_metric, of farthest points */
  double minkowski_p;
  uint64_t dimension;         /* Takens, each at least 1 */
  uint64_t delay;
  uint64_t skip;
  double grid_start;          /* curves; of an image, of the births: finite, start <= end */
  double grid_end;
  uint64_t grid_points;       /* at least 1 */
  uint64_t levels;            /* of a landscape, at least 1 */
  double persistence_start;   /* of an image */
  double persistence_end;
  uint64_t persistence_points;
  double bandwidth;           /* of an image, above 0 */
  uint64_t points;            /* how many farthest points, at least 1 */
} tda_feature;

typedef struct tda_feature_options {
  uint32_t struct_size;
  uint32_t simd_target;       /* tda_simd_target, for tests */
  uint64_t memory_limit_bytes;/* engine allocations plus the arrays' bytes; 0 = none */
} tda_feature_options;

typedef struct tda_feature_result tda_feature_result;

typedef struct tda_feature_view {
  uint32_t struct_size;
  uint32_t simd_target;       /* the one that ran */
  uint64_t count;             /* features */
  const uint64_t *offsets;    /* count + 1: feature i has the values offsets[i] .. offsets[i + 1] */
  const double *values;
  uint64_t peak_bytes;
  double seconds;
} tda_feature_view;

/* Computes all features, or none. The dimension of an error or of progress is the number of the feature; its row and column are the place in `first`, or in
 * `second` with first_rows added to the row.
 * TDA_ERROR_NOT_A_NUMBER: NaN, an infinite birth, coordinate or history; TDA_ERROR_DEATH_BEFORE_BIRTH; TDA_ERROR_DISTANCE_OVERFLOW: a distance or sum of finite
 * numbers is not finite; TDA_ERROR_INVALID_METRIC, _ZERO_VECTOR: as of tda_vietoris_rips; TDA_ERROR_INVALID_OPTION: an unknown kind or norm, or a parameter that
 * is out of the range above; TDA_ERROR_INDEX_OVERFLOW: more rows than an index can number, or an array larger than this machine can address.
 * Cost: distances O(n^1.5 log n) a threshold, about 30 thresholds, for bottleneck; for Wasserstein n^2 where all bars are born at once, else at worst O(n^3 log n), near n^2 for
 * diagrams of clouds, and 20 bytes for each pair of bars that is cheaper than leaving both alone. Curves: bars times grid points. Farthest points: at most rows times points. Else n log n. */
TDA_API tda_status tda_compute_features(const tda_feature *features, uint64_t count, const tda_feature_options *options,
                                        const tda_control *control, tda_feature_result **result, tda_error *error);

#define TDA_PACKED_FEATURE_NUMBERS 24

/* The same of features that are written as numbers, one after the other, as bindings and pipes carry them: for each feature TDA_PACKED_FEATURE_NUMBERS doubles, then the
 * numbers of `first`, then those of `second`. The doubles are: kind, rows of first, rows of second, columns, essential_death, order, norm, metric,
 * minkowski_p, dimension, delay, skip, grid_start, grid_end, grid_points, levels, persistence_start, persistence_end, persistence_points, bandwidth,
 * points, and three zeros. Rows of `first` are pairs, `columns` numbers or single ones, as the kind says; rows of `second` are pairs or single ones.
 * TDA_ERROR_INVALID_OPTION: the numbers do not have this form (row = the first that does not fit). */
TDA_API tda_status tda_compute_packed_features(const double *numbers, uint64_t count, const tda_feature_options *options,
                                               const tda_control *control, tda_feature_result **result, tda_error *error);

/* Fills *view, whose arrays live as long as the result. TDA_ERROR_NULL_ARGUMENT: a NULL argument or unknown struct_size. */
TDA_API tda_status tda_feature_result_view(const tda_feature_result *result, tda_feature_view *view);
TDA_API void tda_feature_result_free(tda_feature_result *result);

/* Defaults: bottleneck distance of two empty diagrams, no essential_death, order 1, norm infinity, Euclidean, dimension, delay, skip, levels and points 1, grids of one point 0, bandwidth 1. */
TDA_API void tda_feature_init(tda_feature *feature);
TDA_API void tda_feature_options_init(tda_feature_options *options);

#ifdef __cplusplus
}
#endif
#endif
