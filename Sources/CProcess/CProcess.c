#include "CProcess.h"

#include <stdlib.h>

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
