// The functions of JBIG-KIT that libtiff refers to, for the Python wheel.
//
// JBIG-KIT has the GPL and cannot travel in a wheel with another licence. Nothing calls these: a TIFF
// file with JBIG compression is refused before libtiff decodes it.

#include <stddef.h>

void jbg_dec_init(void *decoder) { (void)decoder; }
int jbg_dec_in(void *decoder, unsigned char *data, size_t count, size_t *used) {
  (void)decoder, (void)data, (void)count;
  if (used != NULL) *used = 0;
  return 0x30;  // Not one of its "go on" codes.
}
unsigned long jbg_dec_getsize(const void *decoder) { return (void)decoder, 0; }
unsigned char *jbg_dec_getimage(const void *decoder, int plane) {
  return (void)decoder, (void)plane, NULL;
}
void jbg_dec_free(void *decoder) { (void)decoder; }
int jbg_newlen(unsigned char *data, size_t count) { return (void)data, (void)count, 0x30; }
const char *jbg_strerror(int code) { return (void)code, "JBIG is not supported"; }
void jbg_enc_init(void *encoder, unsigned long width, unsigned long height, int planes,
                  unsigned char **bits, void *output, void *file) {
  (void)encoder, (void)width, (void)height, (void)planes, (void)bits, (void)output, (void)file;
}
void jbg_enc_out(void *encoder) { (void)encoder; }
void jbg_enc_free(void *encoder) { (void)encoder; }
