# SPDX-License-Identifier: Apache-2.0
#
# The compiler that the engine needs, and `tda_flags`: the compile and link options of each of its targets.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19)
else()
  message(FATAL_ERROR "The engine is C++23 and needs g++ 12 or newer, or clang 19 or newer (found "
                      "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}); set CXX to one of them.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# WebAssembly has no threads here (in C++: __wasm__), and needs no position-independent code.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "wasm32")
  set(TDA_WASM ON)
else()
  set(TDA_WASM OFF)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_library(tda_flags INTERFACE)
target_compile_options(tda_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow
  # Values must be the same bytes on every target: a fused multiply-add rounds once where the others round twice.
  -ffp-contract=off)
if(NOT TDA_WASM)
  find_package(Threads REQUIRED)
  target_link_libraries(tda_flags INTERFACE Threads::Threads)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The notes about the ABI of vector types concern functions that are inlined or static here.
  target_compile_options(tda_flags INTERFACE -Wno-psabi)
endif()

if(TDA_WASM)
  # The same sources with 32-bit sizes: array sizes that could pass them are made by element_count (src/exec/budget.hpp).
  target_compile_options(tda_flags INTERFACE -Wno-shorten-64-to-32 -Wno-sign-conversion)
endif()

if(TDA_SANITIZE)
  add_compile_options(-fsanitize=${TDA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
  add_link_options(-fsanitize=${TDA_SANITIZE})
endif()
