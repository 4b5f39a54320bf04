# How everything is compiled: warnings are errors, and the usual hardening is on.
add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fno-omit-frame-pointer
  "$<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 with optimization sees overlaps in "text" + std::to_string(x) that are not there (GCC bug
  # 105651), members of a std::variant that are not in use (80635), and null pointers in
  # std::unique_ptr: so -Wnull-dereference is not used at all. clang-tidy looks for these instead.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-maybe-uninitialized>")
endif()
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()

if(TOKMAN_SANITIZE)
  add_compile_options(-fsanitize=${TOKMAN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TOKMAN_SANITIZE})
endif()
if(TOKMAN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

include_directories(${PROJECT_SOURCE_DIR})

# A floor: a static library of the files in one folder.
#   tokman_floor(NAME FILES a.cc b.cc USES other floors and libraries)
function(tokman_floor name)
  cmake_parse_arguments(FLOOR "" "" "FILES;USES" ${ARGN})
  add_library(${name} STATIC ${FLOOR_FILES})
  target_link_libraries(${name} PUBLIC ${FLOOR_USES})
endfunction()
