# The outside libraries, all Debian packages. Heavy headers among them stay behind few .cpp files of ours.
if(POMIAR_STATIC)
    set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
set(Boost_USE_STATIC_LIBS ${POMIAR_STATIC})
find_package(Boost 1.81 REQUIRED COMPONENTS json)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlidec libbrotlienc)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)

# llhttp comes as C sources in Debian's node-llhttp.
find_path(LLHTTP_INCLUDE llhttp.h PATHS /usr/share/include/llhttp /usr/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
find_path(LLHTTP_SOURCE llhttp.c PATHS /usr/share/llhttp NO_CMAKE_FIND_ROOT_PATH REQUIRED)
add_library(llhttp STATIC ${LLHTTP_SOURCE}/llhttp.c ${LLHTTP_SOURCE}/api.c ${LLHTTP_SOURCE}/http.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE})
# Strict: refuses bare LF, bytes past ASCII in targets and the like, where the default lets them pass.
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -w -O2 -ffunction-sections -fdata-sections)

# {fmt} is shared in Debian, or headers alone; for a static program one source is made of them.
if(POMIAR_STATIC)
    add_library(pomiar_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt.cpp)
    target_compile_options(pomiar_fmt PRIVATE -ffunction-sections -fdata-sections)
    add_library(fmt::fmt ALIAS pomiar_fmt)
else()
    find_package(fmt REQUIRED)
endif()
