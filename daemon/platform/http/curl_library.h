#pragma once
// libcurl, made ready for use for as long as this object lives, with an allocator that wipes.
//
// Tokens pass through curl's copies of headers and its buffers; all of that is wiped as curl frees
// it. Only the first use in a process can choose the allocator.
namespace tokman {

class CurlLibrary {
 public:
  CurlLibrary();
  ~CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
};

}  // namespace tokman
