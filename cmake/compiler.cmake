# Warnings, sanitizers and sections: the flags of every target of ours, and of nothing else.
find_program(POMIAR_CCACHE ccache)
if(POMIAR_CCACHE)
    # It must be told to take precompiled headers as what they are made of (its manual, "Precompiled headers").
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${POMIAR_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${POMIAR_CCACHE})
endif()

add_library(pomiar_flags INTERFACE)
target_include_directories(pomiar_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
# Calls into shared libraries without a detour; in a static program they would be one, through a table that arm64 bounds to 32 KiB.
target_compile_options(pomiar_flags INTERFACE
    -ffunction-sections -fdata-sections $<$<NOT:$<BOOL:${POMIAR_STATIC}>>:-fno-plt>
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow $<$<NOT:$<BOOL:$<TARGET_PROPERTY:POMIAR_NARROWS>>>:-Wconversion> -Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    # libstdc++ 12 calls functions of its own that C++23 deprecates (std::stable_sort).
    target_compile_options(pomiar_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-deprecated-declarations>)
endif()
if(CMAKE_SIZEOF_VOID_P EQUAL 4 AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(pomiar_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-psabi>)  # notes of what GCC 7.1 changed
endif()
target_compile_definitions(pomiar_flags INTERFACE _FILE_OFFSET_BITS=64 _TIME_BITS=64)
target_link_options(pomiar_flags INTERFACE -Wl,--gc-sections -Wl,--as-needed)

if(POMIAR_SANITIZE)
    target_compile_options(pomiar_flags INTERFACE -fsanitize=${POMIAR_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    target_link_options(pomiar_flags INTERFACE -fsanitize=${POMIAR_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        # Sanitized code keeps GCC from seeing that standard containers are initialised.
        target_compile_options(pomiar_flags INTERFACE -Wno-maybe-uninitialized)
    endif()
    if(POMIAR_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        # GCC warns that TSan does not understand atomic_thread_fence; the standard library uses it.
        target_compile_options(pomiar_flags INTERFACE -Wno-tsan)
    endif()
endif()
