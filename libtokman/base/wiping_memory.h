#pragma once
// malloc() and its relatives for libraries that handle secrets: what is freed is wiped first.
//
// The signatures are C's, so that jansson and libcurl can be told to use them. Memory from here
// must be freed here.
#include <cstddef>

namespace tokman {

void* wiping_malloc(std::size_t size);
void* wiping_calloc(std::size_t count, std::size_t size);
void* wiping_realloc(void* memory, std::size_t size);
char* wiping_strdup(const char* text);
void wiping_free(void* memory);

}  // namespace tokman
