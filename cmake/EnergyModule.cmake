# energy_module(<name> [USES <module>...] [LIBRARIES <library>...] [PRIVATE_LIBRARIES <library>...])
#
# Builds the folder it is called from:
#   *.cc        -> library  energy_<name>
#   *_test.cc   -> program  <name>_test   (GoogleTest, run by ctest)
#   *_bench.cc  -> program  <name>_bench  (Google Benchmark, run by ./dev bench)
#   *_fuzz.cc   -> programs <file name>   (libFuzzer, only in the preset `fuzz`)
# USES names modules of this project, LIBRARIES third-party libraries that its headers show,
# PRIVATE_LIBRARIES those that only its sources see.
function(energy_module name)
  cmake_parse_arguments(ARG "" "" "USES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cc$")

  list(TRANSFORM ARG_USES PREPEND energy_ OUTPUT_VARIABLE used_modules)
  list(TRANSFORM ARG_LIBRARIES PREPEND energy:: OUTPUT_VARIABLE public_libraries)
  list(TRANSFORM ARG_PRIVATE_LIBRARIES PREPEND energy:: OUTPUT_VARIABLE private_libraries)

  if(NOT sources)
    return()
  endif()
  set(library energy_${name})
  add_library(${library} STATIC ${sources})
  target_include_directories(${library} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(${library}
    PUBLIC ${used_modules} ${public_libraries}
    PRIVATE ${private_libraries} energy_warnings)

  if(tests AND NOT ENERGY_FUZZ)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${library} ${private_libraries} energy::gtest energy_warnings)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
  if(benches AND NOT ENERGY_FUZZ AND NOT ENERGY_SANITIZE)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE ${library} ${private_libraries} energy::benchmark energy_warnings)
  endif()
  if(ENERGY_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(target "${fuzzer}" NAME_WE)
      add_executable(${target} ${fuzzer})
      target_link_libraries(${target} PRIVATE ${library} ${private_libraries} energy_warnings)
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY ENERGY_FUZZERS ${target})
    endforeach()
  endif()
endfunction()
