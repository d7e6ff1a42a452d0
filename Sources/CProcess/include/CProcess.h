// What a program may ask of its own process, where the toolchain's modules leave out the header.

#ifndef CPROCESS_H
#define CPROCESS_H

#include <stddef.h>

/// Has freed blocks of `byte_count` bytes and more go back to the system at once, where the C
/// library has such a setting.
void cprocess_return_blocks_from(size_t byte_count);

/// Returns the number of processors that this process may use, at least 1: containers and
/// schedulers give a process some of a machine's.
int cprocess_processor_count(void);

/// The file that this code was loaded from: the shared library that it is part of, or the executable
/// as it was called. Valid as long as the program; NULL where the loader does not know.
const char *cprocess_own_file(void);

#endif
