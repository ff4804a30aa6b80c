set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# -Og keeps the edit-build-test loop short and the debugger useful; sanitizers need a little speed too.
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

option(ENERGY_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(ENERGY_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, for example address,undefined")

if(ENERGY_SANITIZE)
  add_compile_options(-fsanitize=${ENERGY_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ENERGY_SANITIZE})
endif()
if(ENERGY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(ENERGY_CCACHE ccache)
if(ENERGY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ENERGY_CCACHE}")
endif()
find_program(ENERGY_MOLD mold)
if(ENERGY_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Warnings hold for our own code; third-party headers are SYSTEM.
add_library(energy_warnings INTERFACE)
target_compile_options(energy_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wunused -Wformat=2)
if(ENERGY_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives from inlined library code when sanitizers are on.
  target_compile_options(energy_warnings INTERFACE -Wno-error=maybe-uninitialized)
  # Asio's fences, which ThreadSanitizer does not model.
  target_compile_options(energy_warnings INTERFACE -Wno-tsan)
endif()
