#include "daemon/platform/http/curl_library.h"

#include <curl/curl.h>

#include <cstdlib>

#include "libtokman/base/wiping_memory.h"

namespace tokman {

CurlLibrary::CurlLibrary() {
  const CURLcode refused = curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free,
                                                wiping_realloc, wiping_strdup, wiping_calloc);
  if (refused != CURLE_OK) std::abort();  // No memory: no daemon.
}

CurlLibrary::~CurlLibrary() { curl_global_cleanup(); }

}  // namespace tokman
