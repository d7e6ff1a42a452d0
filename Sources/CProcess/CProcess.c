#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "CProcess.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

#ifdef __GLIBC__
#include <malloc.h>
#endif

void cprocess_return_blocks_from(size_t byte_count) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, (int)byte_count);
#else
  (void)byte_count;
#endif
}

int cprocess_processor_count(void) {
#ifdef __linux__
  // The set has room for 1,024; on larger machines the call fails and what is online counts.
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  const long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

const char *cprocess_own_file(void) {
  Dl_info info;
  return dladdr((const void *)&cprocess_own_file, &info) ? info.dli_fname : NULL;
}
