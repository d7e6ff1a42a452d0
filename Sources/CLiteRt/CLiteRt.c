#include "CLiteRt.h"

#include <dlfcn.h>

const char *clitert_resolve(void *library, LiteRtFunctions *functions) {
#define LITERT_RESOLVE(name)                                             \
  functions->name = (LiteRt##name##_fn)dlsym(library, "LiteRt" #name); \
  if (!functions->name) return "LiteRt" #name;
  LITERT_FUNCTIONS(LITERT_RESOLVE)
#undef LITERT_RESOLVE
  return NULL;
}
