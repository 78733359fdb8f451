// SPDX-License-Identifier: Apache-2.0
//
// The few operations on vectors of ranks for which the compilers' vector extensions have no good word, for each instruction set.
// Included by target.inl inside the target's anonymous namespace.

template <class T>
inline Vec<T> greater_of(Vec<T> a, Vec<T> b) {
  return a > b ? a : b;
}

#if TDA_VECTOR_BYTES == 64

inline std::uint64_t nonzero_lanes(Vec<std::uint64_t> v) { return _mm512_test_epi64_mask((__m512i)v, (__m512i)v); }
inline std::uint64_t less_bits(Vec<std::uint32_t> a, Vec<std::uint32_t> b) {
  return _mm512_cmplt_epu32_mask((__m512i)a, (__m512i)b);
}
inline std::uint64_t less_bits(Vec<std::uint16_t> a, Vec<std::uint16_t> b) {
  return _mm512_cmplt_epu16_mask((__m512i)a, (__m512i)b);
}

#elif TDA_VECTOR_BYTES == 32

inline std::uint64_t nonzero_lanes(Vec<std::uint64_t> v) {
  return static_cast<std::uint32_t>(_mm256_movemask_pd((__m256d)(v != 0)));
}
inline std::uint64_t less_bits(Vec<std::uint32_t> a, Vec<std::uint32_t> b) {
  return static_cast<std::uint32_t>(_mm256_movemask_ps((__m256)(a < b)));
}
inline std::uint64_t less_bits(Vec<std::uint16_t> a, Vec<std::uint16_t> b) {
  // 16-bit lanes narrow to bytes within each half: bits 0–7 and 16–23.
  const __m256i bytes = _mm256_packs_epi16((__m256i)(a < b), _mm256_setzero_si256());
  const std::uint32_t bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
  return (bits & 0xffu) | (bits >> 8 & 0xff00u);
}

#elif TDA_VECTOR_BYTES == 16 && defined(__SSE2__)

inline std::uint64_t nonzero_lanes(Vec<std::uint64_t> v) { return (v[0] != 0 ? 1u : 0u) | (v[1] != 0 ? 2u : 0u); }
inline std::uint64_t less_bits(Vec<std::uint32_t> a, Vec<std::uint32_t> b) {
  return static_cast<std::uint32_t>(_mm_movemask_ps((__m128)(a < b)));
}
inline std::uint64_t less_bits(Vec<std::uint16_t> a, Vec<std::uint16_t> b) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16((__m128i)(a < b), _mm_setzero_si128())));
}

#elif TDA_VECTOR_BYTES == 16 && defined(__wasm_simd128__)

inline std::uint64_t nonzero_lanes(Vec<std::uint64_t> v) { return wasm_i64x2_bitmask((v128_t)(v != 0)); }
inline std::uint64_t less_bits(Vec<std::uint32_t> a, Vec<std::uint32_t> b) { return wasm_i32x4_bitmask((v128_t)(a < b)); }
inline std::uint64_t less_bits(Vec<std::uint16_t> a, Vec<std::uint16_t> b) { return wasm_i16x8_bitmask((v128_t)(a < b)); }

#else

template <class V>
inline std::uint64_t nonzero_lanes(V v) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(V) / sizeof(v[0]); ++i) bits |= static_cast<std::uint64_t>(v[i] != 0) << i;
  return bits;
}

// No instruction for it: each lane of the comparison keeps its own bit, and the lanes are added.
template <class V>
inline std::uint64_t less_bits(V a, V b) {
  const auto less = a < b;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(V) / sizeof(a[0]); ++i) bits |= static_cast<std::uint64_t>(less[i] != 0) << i;
  return bits;
}

#endif
