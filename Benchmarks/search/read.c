// A plain read of memory, as fast as a thread can: what a search is held against.

#include <stddef.h>
#include <stdint.h>

uint64_t read_plainly(const uint64_t *words, size_t count) {
  uint64_t sums[16] = {0};
  for (size_t index = 0; index + 16 <= count; index += 16) {
    for (size_t lane = 0; lane < 16; lane++) sums[lane] += words[index + lane];
  }
  uint64_t sum = 0;
  for (size_t lane = 0; lane < 16; lane++) sum += sums[lane];
  return sum;
}
