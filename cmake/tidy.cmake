# Target `tidy`: clang-tidy over all of src/, and again only over what changed. It spends most of its time in the headers of
# the libraries, once for each translation unit; so sources are looked at many at a time: as many of a folder as are compiled
# as one (cmake/room.cmake), and at most one such group of each room, whose names live in namespaces of their own.
find_program(POMIAR_CLANG_TIDY clang-tidy-19 REQUIRED)

set(rooms base storage http jinja ingest query sql web feeds upkeep cli)
set(batches 0)
foreach(room ${rooms})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.cpp)
    set(groups_${room} 0)
    set(folder_before "")
    foreach(source ${sources})  # sorted, so folder after folder
        get_filename_component(folder ${source} DIRECTORY)
        list(LENGTH group_${room}_${groups_${room}} size)
        if(NOT folder STREQUAL folder_before OR size EQUAL POMIAR_JOINED_SOURCES)
            math(EXPR groups_${room} "${groups_${room}} + 1")
        endif()
        list(APPEND group_${room}_${groups_${room}} ${source})
        set(folder_before ${folder})
    endforeach()
    if(groups_${room} GREATER batches)
        set(batches ${groups_${room}})
    endif()
endforeach()

set(next 0)  # goes on from room to room, so that the batches are of one size
foreach(room ${rooms})
    foreach(group RANGE 1 ${groups_${room}})
        list(APPEND batch_${next} ${group_${room}_${group}})
        math(EXPR next "(${next} + 1) % ${batches}")
    endforeach()
endforeach()

# The analyzer's depth is bounded: looking for more takes it half of all the time.
set(arguments
    "--header-filter=${CMAKE_SOURCE_DIR}/src/.*" -- -std=c++23 -DFMT_SHARED -DLLHTTP_STRICT_MODE=1 -D_FILE_OFFSET_BITS=64
    -I${CMAKE_SOURCE_DIR}/src -I${CMAKE_BINARY_DIR}/generated -isystem ${LLHTTP_INCLUDE}
    -Xclang -analyzer-config -Xclang max-nodes=20000)

file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*.hpp)
set(tool ${CMAKE_SOURCE_DIR}/tools/tidy_batch.py)
math(EXPR last "${batches} - 1")
foreach(index RANGE ${last})
    set(batch ${CMAKE_BINARY_DIR}/tidy_${index}.cpp)
    add_custom_command(
        OUTPUT ${batch}.clean
        COMMAND ${tool} ${POMIAR_CLANG_TIDY} ${batch} ${batch_${index}} -- ${arguments}
        COMMAND ${CMAKE_COMMAND} -E touch ${batch}.clean
        DEPENDS ${batch_${index}} ${headers} ${tool} ${CMAKE_SOURCE_DIR}/.clang-tidy
        COMMENT "clang-tidy, part ${index} of 0 to ${last}"
        VERBATIM)
    list(APPEND clean ${batch}.clean)
endforeach()
add_custom_target(tidy DEPENDS ${clean})
