# pomiar_assets: the front end, built by npm's tools and carried in the program (src/web/embedded.hpp). Made anew when a file
# below frontend/ changed; wants frontend/node_modules, which `tools/install npm:frontend` fetches, and no network.
set(POMIAR_FRONT_END "" CACHE PATH "What frontend/build.mjs made elsewhere; without, it is made here")
if(POMIAR_FRONT_END)
    set(POMIAR_FRONTEND_BUILD ${POMIAR_FRONT_END})
else()
    set(POMIAR_FRONTEND_BUILD ${CMAKE_BINARY_DIR}/frontend)
    find_program(POMIAR_NODE NAMES node nodejs REQUIRED)
    file(GLOB_RECURSE POMIAR_FRONTEND CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/frontend/scripts/* ${CMAKE_SOURCE_DIR}/frontend/styles/*
        ${CMAKE_SOURCE_DIR}/frontend/static/* ${CMAKE_SOURCE_DIR}/frontend/templates/* ${CMAKE_SOURCE_DIR}/frontend/languages/*
        ${CMAKE_SOURCE_DIR}/frontend/page-examples/*)

    add_custom_command(
        OUTPUT ${POMIAR_FRONTEND_BUILD}/embedded.S ${POMIAR_FRONTEND_BUILD}/embedded.cpp
        COMMAND ${POMIAR_NODE} build.mjs ${POMIAR_FRONTEND_BUILD}
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/frontend
        DEPENDS ${POMIAR_FRONTEND} ${CMAKE_SOURCE_DIR}/frontend/build.mjs ${CMAKE_SOURCE_DIR}/frontend/languages.mjs ${CMAKE_SOURCE_DIR}/frontend/tailwind.config.js
                ${CMAKE_SOURCE_DIR}/frontend/own-page-classes.js
                ${CMAKE_SOURCE_DIR}/frontend/package-lock.json
        COMMENT "Building the front end"
        VERBATIM)
endif()

add_library(pomiar_assets STATIC ${POMIAR_FRONTEND_BUILD}/embedded.S ${POMIAR_FRONTEND_BUILD}/embedded.cpp)
set_source_files_properties(${POMIAR_FRONTEND_BUILD}/embedded.S PROPERTIES OBJECT_DEPENDS ${POMIAR_FRONTEND_BUILD}/embedded.cpp)
# Data has nothing to debug, and where it was made would be told.
set_source_files_properties(${POMIAR_FRONTEND_BUILD}/embedded.S ${POMIAR_FRONTEND_BUILD}/embedded.cpp PROPERTIES COMPILE_OPTIONS -g0)
target_link_libraries(pomiar_assets PRIVATE pomiar_flags)
