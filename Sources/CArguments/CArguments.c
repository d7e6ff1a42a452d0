#include "CArguments.h"

#include <stddef.h>

#ifdef __linux__
#include <sys/auxv.h>
#endif

static int count;
static char **arguments;

// glibc and Darwin hand the arguments to constructors; other C libraries call them with nothing.
#if defined(__GLIBC__) || defined(__APPLE__)
__attribute__((constructor)) static void keep(int argc, char **argv) {
  count = argc;
  arguments = argv;
}
#endif

int carguments_count(void) { return count; }

const char *carguments_get(int index) { return index >= 0 && index < count ? arguments[index] : NULL; }

const char *carguments_program(void) {
#ifdef __linux__
  return (const char *)getauxval(AT_EXECFN);
#else
  return carguments_get(0);
#endif
}
