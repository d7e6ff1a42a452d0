#include "CHeif.h"

#include <dlfcn.h>

const char *cheif_resolve(void *library, HeifFunctions *functions) {
#define HEIF_RESOLVE(name)                                                                \
  functions->name = reinterpret_cast<heif_##name##_fn>(dlsym(library, "heif_" #name)); \
  if (!functions->name) return "heif_" #name;
  HEIF_FUNCTIONS(HEIF_RESOLVE)
#undef HEIF_RESOLVE
  return nullptr;
}

const char *cheif_quiet_av1_decoder() { return "aom"; }

namespace {

// Whatever is thrown here, by far the likeliest cause is a size that no memory is found for.
template <typename Call>
heif_error guarded(Call call) {
  try {
    return call();
  } catch (...) {
    return {kHeifMemoryAllocationError, 0, "libheif gave up for want of memory"};
  }
}

}  // namespace

heif_error cheif_read(const HeifFunctions *functions, heif_context *context, const void *bytes,
                      size_t byte_count) {
  return guarded([=] {
    return functions->context_read_from_memory_without_copy(context, bytes, byte_count, nullptr);
  });
}

heif_error cheif_primary_image(const HeifFunctions *functions, heif_context *context,
                               heif_image_handle **handle) {
  return guarded([=] { return functions->context_get_primary_image_handle(context, handle); });
}

heif_error cheif_decode(const HeifFunctions *functions, const heif_image_handle *handle,
                        heif_image **image, int colorspace, int chroma,
                        const heif_decoding_options *options) {
  return guarded([=] {
    return functions->decode_image(handle, image, colorspace, chroma, options);
  });
}
