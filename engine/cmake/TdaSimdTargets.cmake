# SPDX-License-Identifier: Apache-2.0
#
# The kernels are one generic source, compiled once per instruction set: src/simd/target_<name>.cpp includes it with the
# lanes of its target. Here each of them gets its flags, and those of other processors are left out.
function(tda_select_simd_sources sources)
  set(selected ${${sources}})
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}/src/simd")
  if(NOT TDA_WASM)
    list(REMOVE_ITEM selected "${folder}/target_wasm128.cpp")
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND NOT TDA_SCALAR_ONLY)
    set_source_files_properties("${folder}/target_avx2.cpp" PROPERTIES COMPILE_OPTIONS
      "-mavx2;-mbmi;-mbmi2;-mlzcnt;-mpopcnt")
    set_source_files_properties("${folder}/target_avx512.cpp" PROPERTIES COMPILE_OPTIONS
      "-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mavx512cd;-mbmi;-mbmi2;-mlzcnt;-mpopcnt;-mprefer-vector-width=512")
    set_property(SOURCE "${folder}/kernel_table.cpp" APPEND PROPERTY COMPILE_DEFINITIONS TDA_HAS_AVX2 TDA_HAS_AVX512)
    list(REMOVE_ITEM selected "${folder}/target_neon.cpp")
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$" AND NOT TDA_SCALAR_ONLY)
    set_property(SOURCE "${folder}/kernel_table.cpp" APPEND PROPERTY COMPILE_DEFINITIONS TDA_HAS_NEON)
    list(REMOVE_ITEM selected "${folder}/target_avx2.cpp" "${folder}/target_avx512.cpp")
  else()
    if(TDA_WASM)
      set_property(SOURCE "${folder}/kernel_table.cpp" APPEND PROPERTY COMPILE_DEFINITIONS TDA_HAS_WASM128)
    endif()
    list(REMOVE_ITEM selected "${folder}/target_avx2.cpp" "${folder}/target_avx512.cpp" "${folder}/target_neon.cpp")
  endif()
  if(TDA_SCALAR_ONLY)
    set_property(SOURCE "${folder}/target_baseline.cpp" APPEND PROPERTY COMPILE_DEFINITIONS TDA_SCALAR_ONLY)
  endif()
  set(${sources} ${selected} PARENT_SCOPE)
endfunction()
