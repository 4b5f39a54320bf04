#pragma once
// Gives back the memory that holds code and constants which only the start needed.
//
// They are pages of the program's files: one that is needed again comes back from the system's
// cache without reading the disk. Pages that were written to are not touched. For a process that
// starts with parsers and libraries it never uses again, and then lives for months.
namespace tokman {

void release_code_pages();

}  // namespace tokman
