// For a program that has the models beside it as files, as in the Python wheel.
//
// The linker puts these in the place of the functions that give the models' bytes, where it is told
// so by --wrap, and then leaves out the bytes, which nothing refers to any longer.

#include "CBuiltInModels.h"

CBuiltInModel __wrap_cbuiltin_efficientnet_lite0(void);
CBuiltInModel __wrap_cbuiltin_efficientnet_lite0_int8(void);

CBuiltInModel __wrap_cbuiltin_efficientnet_lite0(void) { return (CBuiltInModel){NULL, 0}; }

CBuiltInModel __wrap_cbuiltin_efficientnet_lite0_int8(void) { return (CBuiltInModel){NULL, 0}; }
