// SPDX-License-Identifier: Apache-2.0
//
// What clang's WebAssembly exceptions need from a C++ runtime. The system's libc++abi for wasm32 is built without them, so they are
// here: an exception is thrown as WebAssembly's `__cpp_exception` with a pointer, destructors run by the generated code, and for a catch
// clause of a certain type the generated code asks _Unwind_CallPersonality which clause fits.
//
// Complete for what the engine does: throwing and catching by class, by a base along single inheritance at offset 0, and `...`; rethrowing;
// nesting. Not there: exception specifications, std::exception_ptr, catching pointers by conversion. One thread.
// Source: Itanium C++ ABI, Exception Handling (the runtime's functions and the language-specific data area).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <typeinfo>

namespace {

/// In front of each thrown object.
struct alignas(16) Thrown {
  const std::type_info* type;
  void* (*destroy)(void*);  // destructors return their object in this ABI
  Thrown* next_caught;
  int handlers;  // that are running; negative: it was rethrown from inside them

  void* object() noexcept { return this + 1; }
};

/// For std::bad_alloc when there is no memory for it either.
struct Reserve {
  Thrown header;
  std::byte object[64];
};
Reserve reserve;
bool is_reserve_taken = false;

Thrown* top_caught = nullptr;

/// The ABI's layout of a class with one public base at offset 0.
struct SingleBaseTypeInfo : std::type_info {
  const std::type_info* base;
};
extern "C" const void* const single_base_vtable[] __asm__("_ZTVN10__cxxabiv120__si_class_type_infoE");

const std::type_info* base_of(const std::type_info* type) noexcept {
  const void* const vtable = *reinterpret_cast<const void* const*>(type);
  if (vtable != single_base_vtable + 2) return nullptr;
  return static_cast<const SingleBaseTypeInfo*>(type)->base;
}

bool is_caught_as(const std::type_info* thrown, const std::type_info* clause) noexcept {
  if (clause == nullptr) return true;  // catch (...)
  for (; thrown != nullptr; thrown = base_of(thrown)) {
    if (*thrown == *clause) return true;
  }
  return false;
}

/// Reads the language-specific data area of a function.
class TableReader {
 public:
  explicit TableReader(const std::uint8_t* at) noexcept : at_(at) {}

  const std::uint8_t* at() const noexcept { return at_; }
  std::uint8_t byte() noexcept { return *at_++; }
  std::uint32_t number() noexcept {
    std::uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint32_t>(next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
  }
  std::int32_t signed_number() noexcept {
    std::uint32_t value = 0;
    for (unsigned shift = 0;;) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint32_t>(next & 0x7f) << shift;
      shift += 7;
      if (next >= 0x80) continue;
      if ((next & 0x40) != 0 && shift < 32) value |= ~std::uint32_t{0} << shift;
      return static_cast<std::int32_t>(value);
    }
  }

 private:
  const std::uint8_t* at_;
};

constexpr std::uint8_t encoding_omitted = 0xff;

/// The number of the clause, of those at one place where exceptions arrive, that catches the type; 0 = none, so it goes on.
std::uint32_t find_clause(const std::uint8_t* table, std::uint32_t place, const std::type_info* type) noexcept {
  TableReader reader(table);
  if (reader.byte() != encoding_omitted) std::terminate();  // landing pads' base: WebAssembly has none
  if (reader.byte() == encoding_omitted) return 0;          // no types, so no clauses
  const std::uint32_t types_offset = reader.number();
  const auto* const types_end = reinterpret_cast<const std::type_info* const*>(reader.at() + types_offset);
  reader.byte();  // encoding of what follows: ULEB128
  const std::uint32_t places_bytes = reader.number();
  const std::uint8_t* const actions = reader.at() + places_bytes;

  // One entry a place: its number again, and 1 + the offset of its first action.
  for (std::uint32_t i = 0; i < place; ++i) reader.number(), reader.number();
  reader.number();
  const std::uint32_t first_action = reader.number();
  if (first_action == 0) return 0;

  for (const std::uint8_t* action = actions + first_action - 1;;) {
    TableReader record(action);
    const std::int32_t clause = record.signed_number();
    if (clause > 0 && is_caught_as(type, types_end[-clause])) return static_cast<std::uint32_t>(clause);
    const std::uint8_t* const link = record.at();
    const std::int32_t next = record.signed_number();
    if (next == 0) return 0;
    action = link + next;
  }
}

void release(Thrown* thrown) noexcept {
  if (thrown == &reserve.header) {
    is_reserve_taken = false;
  } else {
    std::free(thrown);
  }
}

Thrown* header_of(void* object) noexcept { return static_cast<Thrown*>(object) - 1; }

}  // namespace

extern "C" {

/// How the generated code and _Unwind_CallPersonality speak to each other.
struct LandingPadContext {
  std::uint32_t place;
  const std::uint8_t* table;
  std::uint32_t clause;
};
thread_local LandingPadContext __wasm_lpad_context;

int _Unwind_CallPersonality(void* thrown) {
  __wasm_lpad_context.clause =
      find_clause(__wasm_lpad_context.table, __wasm_lpad_context.place, static_cast<Thrown*>(thrown)->type);
  return 0;
}

void* __cxa_allocate_exception(std::size_t size) noexcept {
  if (auto* thrown = static_cast<Thrown*>(std::malloc(sizeof(Thrown) + size))) {
    *thrown = Thrown{};
    return thrown->object();
  }
  if (is_reserve_taken || size > sizeof reserve.object) std::terminate();
  is_reserve_taken = true;
  reserve.header = Thrown{};
  return reserve.object;
}

void __cxa_free_exception(void* object) noexcept { release(header_of(object)); }

[[noreturn]] void __cxa_throw(void* object, std::type_info* type, void* (*destroy)(void*)) {
  Thrown* const thrown = header_of(object);
  thrown->type = type;
  thrown->destroy = destroy;
  __builtin_wasm_throw(0, thrown);
}

void* __cxa_begin_catch(void* caught) noexcept {
  auto* const thrown = static_cast<Thrown*>(caught);
  thrown->handlers = (thrown->handlers < 0 ? -thrown->handlers : thrown->handlers) + 1;
  if (top_caught != thrown) {
    thrown->next_caught = top_caught;
    top_caught = thrown;
  }
  return thrown->object();
}

void __cxa_end_catch() {
  Thrown* const thrown = top_caught;
  if (thrown == nullptr) return;
  const bool is_on_its_way = thrown->handlers < 0;
  thrown->handlers += is_on_its_way ? 1 : -1;
  if (thrown->handlers != 0) return;
  top_caught = thrown->next_caught;
  if (is_on_its_way) return;
  if (thrown->destroy != nullptr) thrown->destroy(thrown->object());
  release(thrown);
}

[[noreturn]] void __cxa_rethrow() {
  Thrown* const thrown = top_caught;
  if (thrown == nullptr) std::terminate();
  thrown->handlers = -thrown->handlers;
  __builtin_wasm_throw(0, thrown);
}

}  // extern "C"
