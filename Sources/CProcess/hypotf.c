// Keeps the library loadable where glibc is older than 2.35.
//
// Swift's standard library refers to hypotf, which nothing here calls. glibc gave it a new version in
// 2.35, and that one reference would shut out systems on which everything else runs. This definition,
// which is visible only inside the library and the program, takes its place.

#if defined(__linux__) && !defined(__ANDROID__)

float hypotf(float x, float y);

__attribute__((visibility("hidden"))) float hypotf(float x, float y) {
  if (__builtin_isinf(x) || __builtin_isinf(y)) return __builtin_inff();
  // The squares of floats fit into doubles, and so does their sum.
  return (float)__builtin_sqrt((double)x * x + (double)y * y);
}

#endif
