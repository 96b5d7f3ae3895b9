# Rooms: one library a top-level folder, and who may include whom.
#
# A room compiles against a folder of its own that holds links to itself and to the rooms it names
# under SEES, and to nothing else: an #include outside its row of docs/architecture.md does not find
# its file. A part of another room can be named alone ("retrieval/api").

# foraker_room(NAME SEES room... LINK library... [EXCLUDE regex...])
#
# Makes foraker_NAME of every .cc below the current folder.
function(foraker_room name)
  cmake_parse_arguments(ROOM "" "" "SEES;LINK;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cc")
  foreach(pattern IN LISTS ROOM_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_library(foraker_${name} STATIC ${sources})
  foraker_sees(foraker_${name} ${name} ${ROOM_SEES})
  target_compile_options(foraker_${name} PRIVATE ${FORAKER_WARNINGS})
  target_link_libraries(foraker_${name} PUBLIC ${ROOM_LINK})
endfunction()

# foraker_sees(target room...): gives the target an include folder with these rooms alone.
function(foraker_sees target)
  set(view "${CMAKE_BINARY_DIR}/rooms/${target}")
  file(REMOVE_RECURSE "${view}")
  foreach(room IN LISTS ARGN)
    get_filename_component(parent "${view}/${room}" DIRECTORY)
    file(MAKE_DIRECTORY "${parent}")
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${room}" "${view}/${room}" SYMBOLIC)
  endforeach()
  target_include_directories(${target} PRIVATE "${view}")
endfunction()

# foraker_tests(ROOM [SEES room...] [LINK library...]): one test program of every *_test.cc here. It
# runs in the source directory, where tests/golden and ../shared are found.
function(foraker_tests name)
  cmake_parse_arguments(TESTS "" "" "SEES;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "*.cc")
  if(NOT sources)
    return()
  endif()
  add_executable(foraker_${name}_tests ${sources})
  foraker_sees(foraker_${name}_tests tests ${TESTS_SEES})
  target_compile_options(foraker_${name}_tests PRIVATE ${FORAKER_WARNINGS})
  target_link_libraries(foraker_${name}_tests PRIVATE ${TESTS_LINK} foraker_test_support GTest::gmock GTest::gtest_main)
  add_dependencies(foraker_unit_tests foraker_${name}_tests)
  gtest_discover_tests(foraker_${name}_tests
    TEST_PREFIX "${name}/" DISCOVERY_TIMEOUT 60 WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    PROPERTIES LABELS "unit" TIMEOUT 600)
endfunction()

# foraker_nested_build(PRESET TARGETS target...): the test "PRESET/build" configures the preset below this build and
# builds the targets there; tests that need it require the fixture PRESET.
function(foraker_nested_build preset)
  cmake_parse_arguments(NESTED "" "" "TARGETS" ${ARGN})
  add_test(NAME ${preset}/build
    COMMAND "${CMAKE_COMMAND}" "-DPRESET=${preset}" "-DDIRECTORY=${CMAKE_BINARY_DIR}/${preset}"
            "-DTARGETS=${NESTED_TARGETS}" -P "${PROJECT_SOURCE_DIR}/cmake/NestedBuild.cmake"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${preset}/build PROPERTIES
    LABELS ${preset} FIXTURES_SETUP ${preset} PROCESSORS 2 TIMEOUT 3600)
endfunction()
