# pomiar_room(NAME SOURCES file... [ROOMS room...] [LIBRARIES lib...])
# One folder under src/ is one static library, pomiar_NAME. ROOMS are the rooms below that it may include;
# LIBRARIES are outside libraries. Headers are included as "room/file.hpp".
function(pomiar_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
    list(TRANSFORM ROOM_ROOMS PREPEND pomiar_)
    add_library(pomiar_${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(pomiar_${name} PUBLIC ${ROOM_ROOMS} ${ROOM_LIBRARIES} PRIVATE pomiar_flags ${ROOM_PRIVATE_LIBRARIES})
endfunction()

# pomiar_test(ROOM SOURCES file... [ROOMS room...])
# One test program per room, ROOM_test; each of its cases is a ctest case of its own.
function(pomiar_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
    list(TRANSFORM TEST_ROOMS PREPEND pomiar_)
    add_executable(${name}_test ${TEST_SOURCES})
    target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(${name}_test PRIVATE POMIAR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name}_test PRIVATE pomiar_flags ${TEST_ROOMS} ${TEST_LIBRARIES} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
endfunction()

# pomiar_fuzz(NAME ROOM): tests/fuzz/NAME.cpp as a libFuzzer program fuzz_NAME, its corpus in tests/fuzz/corpus/NAME. All of them
# together are the target fuzz_targets.
add_custom_target(fuzz_targets)
function(pomiar_fuzz name)
    add_executable(fuzz_${name} ${name}.cpp)
    list(TRANSFORM ARGN PREPEND pomiar_ OUTPUT_VARIABLE rooms)
    target_link_libraries(fuzz_${name} PRIVATE pomiar_flags ${rooms} -fsanitize=fuzzer)
    add_dependencies(fuzz_targets fuzz_${name})
endfunction()
