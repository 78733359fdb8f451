/* SPDX-License-Identifier: Apache-2.0
 *
 * The C ABI of the TDA engine: the one interface that every binding uses (engine host, N-API, WASM, ctypes).
 * Distances and summaries of diagrams, embeddings and samples are in tda/features.h.
 *
 * Conventions
 *  - No function throws, exits or aborts on bad input; every failure is a tda_status and, where an error
 *    object is given, its details.
 *  - Structures start with `struct_size` (set by the caller to sizeof), so that fields can be added at the end.
 *  - Input arrays are borrowed for the duration of the call and never written to.
 *  - Results are owned by the caller and released with the matching *_free function; a NULL argument is allowed there.
 *  - Every function may be called from any thread; two calls never share mutable state.
 */
#ifndef TDA_TDA_H
#define TDA_TDA_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define TDA_API __declspec(dllexport)
#else
#define TDA_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Stable numbers, by family: 1xx input, 2xx parameters, 3xx resources, 4xx control, 9xx internal. Never reused.
 * In a sparse input the place of a 1xx error is not a pair of points: row = number of the entry (104: of the edge; 106: of the later
 * entry), column = number of the other entry (104: of the birth; 106: of the first entry). */
typedef enum tda_status {
  TDA_OK = 0,
  TDA_ERROR_NULL_ARGUMENT = 100,         /* a required pointer is NULL or struct_size is unknown */
  TDA_ERROR_NOT_A_NUMBER = 101,          /* NaN in the input, or an infinite coordinate; row/column give the place */
  TDA_ERROR_NEGATIVE_DISTANCE = 102,     /* a distance below zero; row/column */
  TDA_ERROR_ASYMMETRIC_DISTANCE = 103,   /* d(i,j) != d(j,i); row/column */
  TDA_ERROR_DIAGONAL_ABOVE_EDGE = 104,   /* a birth on the diagonal is larger than one of its edges; row/column */
  TDA_ERROR_INDEX_OUT_OF_RANGE = 105,    /* a sparse index >= n; row = entry number */
  TDA_ERROR_CONFLICTING_ENTRIES = 106,   /* a sparse pair given twice with different values; row = entry number */
  TDA_ERROR_ZERO_VECTOR = 107,           /* cosine distance of a zero vector; row */
  TDA_ERROR_DISTANCE_OVERFLOW = 108,     /* a distance of finite points is not finite; row/column = the two points */
  TDA_ERROR_DEATH_BEFORE_BIRTH = 109,    /* a bar of a diagram dies before it is born; row */
  TDA_ERROR_INVALID_DIMENSION = 200,     /* max_dimension above TDA_MAX_DIMENSION */
  TDA_ERROR_INVALID_FIELD = 201,         /* coefficient field is not a prime in [2, 32749] (below 2^15) */
  TDA_ERROR_INVALID_THRESHOLD = 202,     /* NaN */
  TDA_ERROR_INVALID_METRIC = 203,        /* unknown metric, or minkowski_p below 1 or not finite */
  TDA_ERROR_NOT_SUPPORTED = 204,         /* a known option value that this version does not implement */
  TDA_ERROR_INVALID_OPTION = 205,        /* unknown enum value */
  TDA_ERROR_NO_BAR = 210,                /* circular coordinates: there is no bar of dimension 1, or none of this number */
  TDA_ERROR_SCALE_OUTSIDE_BAR = 211,     /* circular coordinates: the scale is not in [birth, death) of the bar */
  TDA_ERROR_NOT_INTEGRAL = 212,          /* circular coordinates: the lifted cocycle is none over the integers; another prime may do */
  TDA_ERROR_MEMORY_LIMIT = 300,          /* the memory budget would be passed; dimension and bytes say where */
  TDA_ERROR_INDEX_OVERFLOW = 301,        /* too many points or edges for the widest simplex key; dimension */
  TDA_ERROR_OUT_OF_MEMORY = 302,         /* the operating system refused memory; bytes */
  TDA_ERROR_CANCELLED = 400,             /* the caller's cancel flag or progress callback asked to stop */
  TDA_ERROR_INTERNAL = 900               /* a broken invariant: a bug in the engine */
} tda_status;

typedef enum tda_scalar { TDA_FLOAT32 = 0, TDA_FLOAT64 = 1 } tda_scalar;

typedef enum tda_input_kind {
  TDA_POINTS = 0,              /* values: rows x columns, row-major */
  TDA_DISTANCES_FULL = 1,      /* values: rows x rows, row-major, symmetric; the diagonal holds births */
  TDA_DISTANCES_LOWER = 2,     /* values: rows(rows-1)/2, row i holds d(i,0) .. d(i,i-1) */
  TDA_DISTANCES_LOWER_DIAG = 3,/* values: rows(rows+1)/2, as above with the birth d(i,i) at the end of row i */
  TDA_DISTANCES_SPARSE = 4     /* values: entry_count distances with row_indices/column_indices; (i,i) is a birth */
} tda_input_kind;

typedef enum tda_metric {
  TDA_EUCLIDEAN = 0, TDA_MANHATTAN = 1, TDA_CHEBYSHEV = 2, TDA_COSINE = 3, TDA_MINKOWSKI = 4
} tda_metric;

/* +inf among distances means "no edge"; an infinite coordinate is an error. */
typedef struct tda_input {
  uint32_t struct_size;
  uint32_t kind;        /* tda_input_kind */
  uint32_t scalar;      /* tda_scalar: element type of values */
  uint32_t metric;      /* tda_metric, for TDA_POINTS */
  double minkowski_p;   /* for TDA_MINKOWSKI, >= 1 */
  uint64_t rows;        /* number of points n */
  uint64_t columns;     /* dimension of the points, for TDA_POINTS */
  const void *values;   /* may be NULL where its length is 0 */
  uint64_t entry_count; /* for TDA_DISTANCES_SPARSE */
  const uint32_t *row_indices;
  const uint32_t *column_indices;
} tda_input;

typedef enum tda_edge_collapse { TDA_COLLAPSE_AUTO = 0, TDA_COLLAPSE_ON = 1, TDA_COLLAPSE_OFF = 2 } tda_edge_collapse;
typedef enum tda_representatives {
  TDA_REPRESENTATIVES_NONE = 0, TDA_REPRESENTATIVES_SIMPLICES = 1,
  TDA_REPRESENTATIVES_COCYCLES = 2, TDA_REPRESENTATIVES_CYCLES = 3
} tda_representatives;

/* The instruction sets a kernel can run on. AUTO: the best this processor has. Results are the same bytes on each. */
typedef enum tda_simd_target {
  TDA_SIMD_AUTO = 0, TDA_SIMD_BASELINE = 1, TDA_SIMD_AVX2 = 2, TDA_SIMD_AVX512 = 3, TDA_SIMD_NEON = 4,
  TDA_SIMD_WASM128 = 5
} tda_simd_target;

/* What is computed instead where the exact diagram costs too much. Never chosen by the engine itself: a result is exact unless asked otherwise.
 * Points and distance matrices; a sparse input is TDA_ERROR_NOT_SUPPORTED. */
typedef enum tda_approximation {
  TDA_APPROXIMATION_NONE = 0,
  TDA_APPROXIMATION_SPARSE_RIPS = 1, /* the sparse filtration of all points; values are its own. No births, no cosine; distances must be a metric */
  TDA_APPROXIMATION_SUBSAMPLE = 2    /* the exact diagram of farthest points; with at least as many as there are, that of the input */
} tda_approximation;

/* How a diagram may differ from the exact one. A threshold cuts both alike: the bound is that of the whole diagrams. */
typedef enum tda_error_kind {
  TDA_ERROR_KIND_NONE = 0,
  TDA_ERROR_KIND_ADDITIVE = 1,      /* the bottleneck distance is at most error_bound */
  TDA_ERROR_KIND_MULTIPLICATIVE = 2 /* matched births and deaths are 1 .. error_bound times the exact ones; unmatched bars have death <= error_bound * birth */
} tda_error_kind;

#define TDA_MAX_DIMENSION 16

typedef struct tda_rips_options {
  uint32_t struct_size;
  uint32_t max_dimension;     /* homology is computed in dimensions 0 .. max_dimension */
  double threshold;           /* inclusive, rounded to the input's scalar type; +inf = the enclosing radius */
  uint32_t coefficient_field; /* a prime below 2^15 */
  uint32_t edge_collapse;     /* tda_edge_collapse: move and remove edges first. The diagram is the same; auto: where it saves time */
  uint32_t representatives;   /* tda_representatives */
  uint32_t threads;           /* 0 = the engine chooses; the result does not depend on it */
  uint64_t memory_limit_bytes;/* engine allocations plus the input's bytes; 0 = none */
  uint32_t simd_target;       /* tda_simd_target, for tests; a target the processor lacks is TDA_ERROR_NOT_SUPPORTED */
  uint32_t approximation;     /* tda_approximation */
  double epsilon;             /* of TDA_APPROXIMATION_SPARSE_RIPS: 0 < epsilon < 1, the error is a factor of at most 1 / (1 - epsilon) */
  uint64_t subsample_points;  /* of TDA_APPROXIMATION_SUBSAMPLE: how many, at least 1 */
} tda_rips_options;

typedef enum tda_stage {
  TDA_STAGE_DISTANCES = 0, TDA_STAGE_EDGES = 1, TDA_STAGE_COLLAPSE = 2, TDA_STAGE_APPARENT_PAIRS = 3,
  TDA_STAGE_LOCAL_REDUCTION = 4, TDA_STAGE_REDUCTION = 5, TDA_STAGE_DONE = 6
} tda_stage;

typedef struct tda_progress {
  double fraction;          /* 0..1, never decreases within a call; 1 only at the end */
  uint32_t stage;           /* tda_stage */
  uint32_t dimension;       /* homology dimension being worked on */
  uint64_t columns_done;    /* columns of the coboundary matrix, in this stage */
  uint64_t columns_total;
  uint64_t bytes;           /* engine-counted bytes in use now */
} tda_progress;

/* How a caller watches and stops a computation. Any member may be NULL. */
typedef struct tda_control {
  uint32_t struct_size;
  uint32_t reserved;
  /* Called from the calling thread at most about every 20 ms. Non-zero return = cancel. Must not call back into the engine. */
  int (*on_progress)(void *user, const tda_progress *progress);
  void *user;
  /* Polled at least every 100 ms of work; set it non-zero (from any thread or a signal handler) to cancel. */
  const volatile int32_t *cancel;
} tda_control;

#define TDA_NO_INDEX UINT64_MAX
#define TDA_ERROR_MESSAGE_BYTES 240

typedef struct tda_error {
  uint32_t struct_size;
  uint32_t status;                        /* tda_status */
  uint64_t row, column;                   /* the place in the input, or TDA_NO_INDEX */
  uint64_t bytes;                         /* bytes reached or asked for, or 0 */
  uint32_t dimension;                     /* dimension reached, or UINT32_MAX */
  char message[TDA_ERROR_MESSAGE_BYTES];  /* one English sentence, NUL-terminated, for people, never parsed */
} tda_error;

typedef struct tda_result tda_result;

typedef struct tda_rips_statistics {
  uint32_t struct_size;
  uint32_t simd_target;          /* the one that ran */
  uint32_t scalar;               /* tda_scalar of the diagram's values */
  uint32_t truncated;            /* 1: the threshold is below the enclosing radius */
  uint64_t points;               /* points present (born at or below the threshold) */
  uint64_t edges;                /* edges at or below the threshold; of points in dimension 0 alone: those of a minimum spanning forest; of 1,024
                                  * Euclidean points or more in dimension 1: maybe only those up to a length at which the diagrams are complete */
  uint64_t simplices;            /* simplices of dimension 1 .. max_dimension looked at, plus points */
  double threshold;              /* the threshold used: rounded, and at most the enclosing radius */
  double enclosing_radius;       /* min over points of the largest distance, +inf if some pair has no edge from each point, or where
                                  * above 4,096 points and with a lower threshold it was not found (truncated is exact nonetheless) */
  uint64_t peak_bytes;           /* engine-counted bytes: allocations plus the input's copy */
  double seconds;                /* wall time of the call */
  uint32_t approximation;        /* tda_approximation of this result; NONE = exact */
  uint32_t error_kind;           /* tda_error_kind */
  double error_bound;            /* 0 = exact */
  double cover_radius;           /* of TDA_APPROXIMATION_SUBSAMPLE: the largest distance of a point from the sample; else 0 */
} tda_rips_statistics;

/* Vietoris-Rips persistent homology (diameter scale), exact unless an approximation is asked for.
 * On success *result is set and TDA_OK returned. On failure *result is NULL and *error (if not NULL) is filled.
 * `control` and `error` may be NULL. n = 0 is valid and gives max_dimension + 1 empty diagrams. */
TDA_API tda_status tda_vietoris_rips(const tda_input *input, const tda_rips_options *options, const tda_control *control,
                                     tda_result **result, tda_error *error);

/* Number of diagrams: max_dimension + 1. */
TDA_API uint32_t tda_result_diagram_count(const tda_result *result);
/* The bars of one dimension: *count pairs (birth, death) of doubles, sorted by birth, then death; +inf = essential;
 * zero-length bars left out. The array lives as long as the result. Values are exactly the input's (but those of a sparse filtration). */
TDA_API const double *tda_result_diagram(const tda_result *result, uint32_t dimension, uint64_t *count);
TDA_API void tda_result_statistics(const tda_result *result, tda_rips_statistics *statistics);

#define TDA_NO_VERTEX UINT32_MAX

/* The representatives of the bars of one dimension k, bar by bar in the order of the diagram (of equal bars, by the birth simplex in the
 * order of the filtration). Vertices are rows of the input, ascending within a simplex. They are taken on the filtration without
 * edge collapse, by the sequential reduction: the same bytes on any number of threads and any instruction set.
 * A coefficient is in 1 .. p - 1, on the simplex oriented by its ascending vertices. Every chain starts with the birth simplex, coefficient 1.
 *  - Cocycles, k >= 1: a cochain of simplices shorter than the death, in the order of the filtration. Restricted to the simplices of at most
 *    s, it is a cocycle of the complex at every scale s in [birth, death), and no coboundary.
 *  - Cycles, k >= 1: a cycle of simplices no later than the birth simplex, born with it, on which the bar's cocycle is not zero. k = 1: a
 *    shortest loop through the birth edge by earlier edges, along the loop. k >= 2: a cycle that becomes a boundary at the death,
 *    shortened by local moves, from the latest simplex to the earliest. */
typedef struct tda_representatives_view {
  uint32_t struct_size;
  uint32_t kind;                      /* tda_representatives, as asked for */
  uint64_t bar_count;
  const uint32_t *birth_simplices;    /* bar_count x (k + 1) */
  const uint32_t *death_simplices;    /* bar_count x (k + 2); TDA_NO_VERTEX for an essential bar */
  const uint64_t *chain_offsets;      /* bar_count + 1, or NULL without chains: bar i has the simplices offsets[i] .. offsets[i + 1] */
  const uint32_t *chain_simplices;    /* chain_offsets[bar_count] x (k + 1) */
  const uint32_t *chain_coefficients; /* chain_offsets[bar_count] */
  const uint32_t *loop_vertices;      /* cycles with k = 1, or NULL: edge j of a chain leads from loop_vertices[j] to the next, and from
                                       * the chain's last to its first */
} tda_representatives_view;

/* Fills *view, whose arrays live as long as the result. Without representatives everything is 0 or NULL but struct_size.
 * TDA_ERROR_NULL_ARGUMENT: a NULL argument or unknown struct_size; TDA_ERROR_INVALID_DIMENSION: above max_dimension. */
TDA_API tda_status tda_result_representatives(const tda_result *result, uint32_t dimension, tda_representatives_view *view);
TDA_API void tda_result_free(tda_result *result);

#define TDA_ESTIMATE_DIMENSIONS (TDA_MAX_DIMENSION + 2)

typedef struct tda_rips_estimate {
  uint32_t struct_size;
  uint32_t exact;                /* 1: counted; 0: sampled */
  uint64_t points;
  double edges;
  double simplices[TDA_ESTIMATE_DIMENSIONS]; /* by dimension 0 .. max_dimension + 1; entries above are 0 */
  double bytes;                  /* expected peak of engine-counted bytes */
  double seconds;                /* expected on one thread of a current server core */
  double threshold;
} tda_rips_estimate;

/* What a computation would cost, by sampling: O(n * sample) time, bounded memory, same validation as the run itself. */
TDA_API tda_status tda_vietoris_rips_estimate(const tda_input *input, const tda_rips_options *options, const tda_control *control,
                                              tda_rips_estimate *estimate, tda_error *error);

typedef struct tda_circular_options {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t bar;                  /* its number in the diagram of dimension 1; TDA_NO_INDEX = the longest, of equal ones the first */
  double scale;                  /* where the complex is taken, in [birth, death); NaN = half way, for an essential bar the longest edge */
} tda_circular_options;

typedef struct tda_circular_result tda_circular_result;

typedef struct tda_circular_view {
  uint32_t struct_size;
  uint32_t simd_target;          /* the one that ran */
  uint32_t truncated;            /* 1: the threshold is below the enclosing radius */
  uint32_t reserved;
  uint64_t count;                /* rows of the input */
  const double *coordinates;     /* for each row, in [0, 1); NaN: the point is not in the complex at the scale */
  uint64_t bar;                  /* the number of the bar in the diagram of dimension 1 */
  double birth, death;           /* of the bar; +inf = essential */
  double scale;                  /* the one that was used */
  double energy;                 /* sum over the edges of (cocycle - difference of potentials) squared */
  double residual;               /* of the normal equations, relative; at most 1e-12 unless the steps ran out */
  uint64_t steps;                /* of the conjugate gradients, at most 10,000 */
  uint64_t points;               /* points present */
  uint64_t edges;                /* edges at or below the scale */
  double threshold;              /* the threshold used */
  uint64_t peak_bytes;
  double seconds;
} tda_circular_view;

/* Circular coordinates of one bar of dimension 1: a map of the points to the circle R/Z under which the class is that of the circle
 * (V. de Silva, D. Morozov, M. Vejdemo-Johansson, Discrete Comput. Geom. 45 (2011)). Of `options`, max_dimension and representatives
 * are ignored; coefficient_field must be odd, and an approximation is TDA_ERROR_NOT_SUPPORTED. The coordinate is 0 at the first row of each component. The same bytes on each
 * instruction set. Statuses beyond those of tda_vietoris_rips: TDA_ERROR_NO_BAR, _SCALE_OUTSIDE_BAR, _NOT_INTEGRAL. */
TDA_API tda_status tda_circular_coordinates(const tda_input *input, const tda_rips_options *options,
                                            const tda_circular_options *circular, const tda_control *control,
                                            tda_circular_result **result, tda_error *error);
/* Fills *view; its array lives as long as the result. TDA_ERROR_NULL_ARGUMENT: a NULL argument or unknown struct_size. */
TDA_API tda_status tda_circular_result_view(const tda_circular_result *result, tda_circular_view *view);
TDA_API void tda_circular_result_free(tda_circular_result *result);

/* Fills the option structures with defaults: dimension 1, enclosing radius, field 2, collapse auto, no representatives, exact. */
TDA_API void tda_rips_options_init(tda_rips_options *options);
TDA_API void tda_input_init(tda_input *input);
TDA_API void tda_circular_options_init(tda_circular_options *options);

TDA_API const char *tda_version(void);                       /* "0.1.0" */
TDA_API const char *tda_status_name(uint32_t status);        /* "TDA_ERROR_MEMORY_LIMIT"; "TDA_ERROR_UNKNOWN" otherwise */
TDA_API const char *tda_simd_target_name(uint32_t target);   /* "avx2" */
TDA_API uint32_t tda_simd_best_target(void);                 /* what AUTO means on this processor */
TDA_API int tda_simd_target_available(uint32_t target);

#ifdef __cplusplus
}
#endif
#endif
