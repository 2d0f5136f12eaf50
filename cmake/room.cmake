# pomiar_precompile(TARGET FIRST header...): more than half of a compiler's time goes into headers that all sources share. They
# are compiled for the target FIRST and used by the others. Sources include what they need all the same.
function(pomiar_precompile target first)
    if(target STREQUAL first)
        target_precompile_headers(${target} PRIVATE ${ARGN})
    else()
        target_precompile_headers(${target} REUSE_FROM ${first})
    endif()
    # The first for ccache. As for the others: GCC 12 is wrong about std::string, and then does not know its header again
    # for one of the system's, where it keeps quiet.
    target_compile_options(${target} PRIVATE
        $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread>)
endfunction()

set(POMIAR_SHARED_HEADERS <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <utility> <vector> <fmt/core.h>)

# For the rooms: with no definitions but those that all of them have, as GCC wants it.
if(POMIAR_SANITIZE)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/precompiled.cpp CONTENT "")
    add_library(pomiar_precompiled OBJECT ${CMAKE_BINARY_DIR}/generated/precompiled.cpp)
    target_link_libraries(pomiar_precompiled PRIVATE pomiar_flags fmt::fmt)
    pomiar_precompile(pomiar_precompiled pomiar_precompiled ${POMIAR_SHARED_HEADERS})
endif()

# pomiar_join(TARGET): compiles some sources of one folder at a time as one, since the same headers are most of what a compiler
# reads: half of the time. Where two of them give one name to different things, compilers say so: one needs a better name. What
# a source fails to include is found by what is shipped (packaging/release), which compiles each by itself; so does
# -DPOMIAR_JOINED=OFF, better for editing.
set(POMIAR_JOINED_SOURCES 8)
function(pomiar_join target)
    if(NOT POMIAR_JOINED)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    get_target_property(sources ${target} SOURCES)
    foreach(source IN LISTS sources)
        get_filename_component(folder ${source} DIRECTORY)
        string(MAKE_C_IDENTIFIER "${folder}" folder)
        math(EXPR count_${folder} "0${count_${folder}} + 1")
        math(EXPR group "${count_${folder}} / ${POMIAR_JOINED_SOURCES}")
        set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${folder}_${group}")
    endforeach()
    # GCC takes what a joined source keeps to itself for a header's.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()

# pomiar_room(NAME [SMALL] SOURCES file... [SMALL_SOURCES file...] [ROOMS room...] [LIBRARIES lib...])
# One folder under src/ is one static library, pomiar_NAME. ROOMS are the rooms below that it may include;
# LIBRARIES are outside libraries. Headers are included as "room/file.hpp". SMALL, or SMALL_SOURCES for some of
# its files: what runs once in a while; in the static program, which has to fit beside a whole system, its size counts for more than its speed.
function(pomiar_room name)
    cmake_parse_arguments(ROOM "SMALL" "" "SOURCES;SMALL_SOURCES;ROOMS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
    list(TRANSFORM ROOM_ROOMS PREPEND pomiar_)
    add_library(pomiar_${name} STATIC ${ROOM_SOURCES} ${ROOM_SMALL_SOURCES})
    target_link_libraries(pomiar_${name} PUBLIC ${ROOM_ROOMS} ${ROOM_LIBRARIES} PRIVATE pomiar_flags ${ROOM_PRIVATE_LIBRARIES})
    if(POMIAR_STATIC)
        set(small -Os -Wno-maybe-uninitialized)  # GCC sees less of what is set, so
        if(ROOM_SMALL)
            target_compile_options(pomiar_${name} PRIVATE ${small})
        endif()
        set_source_files_properties(${ROOM_SMALL_SOURCES} PROPERTIES COMPILE_OPTIONS "${small}")
    endif()
    if(POMIAR_SANITIZE)
        pomiar_precompile(pomiar_${name} pomiar_precompiled)
    endif()
    pomiar_join(pomiar_${name})
endfunction()

# pomiar_test(ROOM [LONG] SOURCES file... [ROOMS room...])
# One test program per room, ROOM_test; each of its cases is a ctest case of its own. Test code is what compilers take longest
# for, and mostly runs shortest; LONG: this runs long under a sanitizer, which -O1 halves. They share storage_test's headers.
function(pomiar_test name)
    cmake_parse_arguments(TEST "LONG" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
    set(headers_of base_test)
    set(optimised -O0)
    if(TEST_LONG AND POMIAR_SANITIZE)
        set(headers_of storage_test)
        set(optimised -O1)
    endif()
    list(TRANSFORM TEST_ROOMS PREPEND pomiar_)
    add_executable(${name}_test ${TEST_SOURCES})
    target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(${name}_test PRIVATE POMIAR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name}_test PRIVATE pomiar_flags ${TEST_ROOMS} ${TEST_LIBRARIES} GTest::gmock GTest::gtest_main)
    pomiar_precompile(${name}_test ${headers_of} ${POMIAR_SHARED_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
    pomiar_join(${name}_test)
    target_compile_options(${name}_test PRIVATE ${optimised})
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)  # indices are drawn from random numbers of 64 bits
        set_target_properties(${name}_test PROPERTIES POMIAR_NARROWS ON)
    endif()
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
