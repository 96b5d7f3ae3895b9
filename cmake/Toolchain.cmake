# Language level, warnings and sanitizers, the same for every room.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(FORAKER_TESTS "Build the unit, property and golden tests" ON)
option(FORAKER_BENCH "Build the benchmark programs" ON)
option(FORAKER_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
set(FORAKER_SANITIZE "" CACHE STRING "Sanitizers of this build: empty, address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

# A clean clone elsewhere must produce the same objects, or the compiler cache is of no use.
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")

# Score bits are part of the contract: no fused multiply-add may be made of a product and a sum.
add_compile_options(-ffp-contract=off)

if(FORAKER_SANITIZE)
  # Half the compile time of -O2 -g, and reports still name file and line.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
  add_compile_options(-fsanitize=${FORAKER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FORAKER_SANITIZE})
endif()
if(FORAKER_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage for the fuzzers' guidance
endif()

# Ours only: generated code is compiled without these.
set(FORAKER_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                     -Woverloaded-virtual -Wnull-dereference)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT FORAKER_SANITIZE)
  # Sanitizers and clang (which builds the fuzzers) see warnings of their own making.
  list(APPEND FORAKER_WARNINGS -Werror)
endif()
