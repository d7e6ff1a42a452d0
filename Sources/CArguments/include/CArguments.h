/// The arguments of this program as the system handed them over.
///
/// Swift reads them from /proc/self/cmdline on Linux, which is not there in every sandbox, chroot and early
/// boot: a program without arguments would then do something else than it was told.
#ifndef CARGUMENTS_H
#define CARGUMENTS_H

/// Returns the number of arguments with the program's name, or 0 where the C library does not tell.
int carguments_count(void);

/// Returns an argument, which lives as long as the process, or a null pointer beyond the last.
const char *carguments_get(int index);

/// Returns the path that the program was started with, or a null pointer where the system does not tell.
const char *carguments_program(void);

#endif
