// SPDX-License-Identifier: Apache-2.0
//
// MonotoneQueue: the working column of a reduction, a priority queue for keys that never fall below the last one taken.
//
// A radix heap (R. K. Ahuja, K. Mehlhorn, J. Orlin, R. Tarjan, "Faster algorithms for the shortest path problem", J. ACM 37 (1990)): bucket i holds the
// keys whose highest bit that differs from the last key taken is bit i. While a column is reduced its pivots only grow, so
// the precondition holds by itself. A push is an append; each entry moves down at most once per bit, mostly a few times. Entries with one key meet when it
// becomes the least, and their coefficients are added there.
// Memory: the entries in the queue, in chunks of a pool that the queues of later columns use again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "complex/simplex_coder.hpp"
#include "exec/arena.hpp"
#include "exec/execution.hpp"
#include "reduction/field.hpp"

namespace tda::detail {

template <class Word, class Field>
class MonotoneQueue {
 public:
  using Element = Entry<Word, Field>;

  MonotoneQueue(const Field& field, Execution& execution)
      : field_(field), execution_(&execution), arena_(execution.budget()) {}

  /// Empties the queue; keys pushed from now on are at least `least`.
  void start(Word least) noexcept {
    for (Bucket& bucket : buckets_) release(bucket);
    last_ = least;
    front_ = 0;
  }

  void push(Element element) {
    const Word difference = element.key ^ last_;
    if (difference == 0) {
      front_ = field_.add(front_, Field::value(element.coefficient));
      return;
    }
    Bucket& bucket = buckets_[bit_width_of(difference) - 1];
    if (bucket.next == bucket.end) grow(bucket);
    *bucket.next++ = element;
  }

  /// Takes the least key whose coefficients do not add up to zero.
  std::optional<Element> pop() {
    while (front_ == 0) {
      if (!open_next()) return std::nullopt;
    }
    return Element{last_, Field::store(std::exchange(front_, typename Field::Value{0}))};
  }

  /// Calls visit(entry) for all entries, in any order; one key may come several times.
  template <class Visit>
  void each(Visit visit) const {
    for (const Bucket& bucket : buckets_) {
      const Element* end = bucket.next;
      for (const Chunk* chunk = bucket.top; chunk != nullptr; chunk = chunk->below) {
        for (const Element* e = chunk->elements; e != end; ++e) visit(*e);
        if (chunk->below != nullptr) end = chunk->below->elements + chunk_elements;
      }
    }
  }

 private:
  static constexpr std::size_t bucket_count = 8 * sizeof(Word);
  static constexpr std::size_t chunk_elements = 480 / sizeof(Element);

  struct Chunk {
    Chunk* below;
    Element elements[chunk_elements];
  };

  /// A stack of chunks: the top one is filled up to `next`, the others are full.
  struct Bucket {
    Chunk* top = nullptr;
    Element* next = nullptr;
    Element* end = nullptr;
  };

  void grow(Bucket& bucket) {
    Chunk* chunk = free_;
    if (chunk != nullptr) {
      free_ = chunk->below;
    } else {
      chunk = arena_.template allocate<Chunk>(1);
    }
    chunk->below = bucket.top;
    bucket = {chunk, chunk->elements, chunk->elements + chunk_elements};
  }

  void release_chunk(Chunk* chunk) noexcept {
    chunk->below = free_;
    free_ = chunk;
  }

  void release(Bucket& bucket) noexcept {
    for (Chunk* chunk = bucket.top; chunk != nullptr;) {
      Chunk* const below = chunk->below;
      release_chunk(chunk);
      chunk = below;
    }
    bucket = {};
  }

  /// Makes the least key the last one and moves its bucket down. False: the queue is empty.
  bool open_next() {
    std::size_t i = 0;
    while (i < bucket_count && buckets_[i].top == nullptr) ++i;
    if (i == bucket_count) return false;
    const Bucket opened = std::exchange(buckets_[i], {});
    Word least = ~Word{0};
    const Element* end = opened.next;
    for (const Chunk* chunk = opened.top; chunk != nullptr; chunk = chunk->below) {
      for (const Element* e = chunk->elements; e != end; ++e) least = e->key < least ? e->key : least;
      if (chunk->below != nullptr) end = chunk->below->elements + chunk_elements;
    }
    last_ = least;
    end = opened.next;
    for (Chunk* chunk = opened.top; chunk != nullptr;) {
      for (const Element* e = chunk->elements; e != end; ++e) push(*e);
      Chunk* const below = chunk->below;
      if (below != nullptr) end = below->elements + chunk_elements;
      release_chunk(chunk);
      chunk = below;
      execution_->poll(chunk_elements);
    }
    return true;
  }

  Field field_;
  Execution* execution_;
  Word last_ = 0;
  typename Field::Value front_ = 0;
  Chunk* free_ = nullptr;
  Bucket buckets_[bucket_count];
  Arena arena_;
};

}  // namespace tda::detail
