// The part of libheif's C interface that we call, declared from its documented facts.
//
// Nothing here is linked: libheif.so.1 is opened at run time, on the first HEIC or AVIF file, and its
// functions are reached through `HeifFunctions`. The layouts are those of libheif 1.15 on LP64
// platforms, asserted below; what later versions added comes after them.

#ifndef CHEIF_H
#define CHEIF_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Handles. Complete (with a member that nobody reads) so that Swift imports a distinct pointer type
// for each and refuses one in place of another.
typedef struct heif_context { char opaque; } heif_context;
typedef struct heif_image_handle { char opaque; } heif_image_handle;
typedef struct heif_image { char opaque; } heif_image;

/// The result of a call; `message` is static storage or belongs to the context.
typedef struct heif_error {
  int32_t code;
  int32_t subcode;
  const char *message;
} heif_error;

enum {
  kHeifOk = 0,
  kHeifInvalidInput = 2,
  kHeifUnsupportedFileType = 3,
  kHeifUnsupportedFeature = 4,
  kHeifMemoryAllocationError = 6,

  kHeifSubEndOfData = 100,
  kHeifSubSecurityLimitExceeded = 1000,

  kHeifColorspaceRGB = 1,
  kHeifColorspaceMonochrome = 2,
  /// Of a colour space or chroma: as it is stored.
  kHeifUndefined = 99,
  kHeifChromaInterleavedRGB = 10,
  kHeifChromaInterleavedRGBA = 11,
  kHeifChannelY = 0,
  kHeifChannelR = 3,
  kHeifChannelAlpha = 6,
  kHeifChannelInterleaved = 10,
};

/// Made by `heif_decoding_options_alloc`; `version` says which members there are.
typedef struct heif_decoding_options {
  uint8_t version;
  // Version 1.
  uint8_t ignore_transformations;
  void (*start_progress)(int step, int max_progress, void *user_data);
  void (*on_progress)(int step, int progress, void *user_data);
  void (*end_progress)(int step, void *user_data);
  void *progress_user_data;
  // Version 2.
  uint8_t convert_hdr_to_8bit;
  // Version 3.
  uint8_t strict_decoding;
  // Version 4; static storage.
  const char *decoder_id;
} heif_decoding_options;

/// The kind of a picture's colours by numbers; made by the library, version 1.
typedef struct heif_color_profile_nclx {
  uint8_t version;
  int32_t color_primaries;
  int32_t transfer_characteristics;
  int32_t matrix_coefficients;
  uint8_t full_range_flag;
} heif_color_profile_nclx;

static_assert(offsetof(heif_color_profile_nclx, full_range_flag) == 16, "full_range_flag");
static_assert(sizeof(heif_error) == 16 && offsetof(heif_error, subcode) == 4, "heif_error");
static_assert(offsetof(heif_error, message) == 8, "heif_error.message");
static_assert(offsetof(heif_decoding_options, ignore_transformations) == 1, "transformations");
static_assert(offsetof(heif_decoding_options, convert_hdr_to_8bit) == 40, "convert_hdr_to_8bit");
static_assert(offsetof(heif_decoding_options, strict_decoding) == 41, "strict_decoding");
static_assert(offsetof(heif_decoding_options, decoder_id) == 48, "decoder_id");

heif_error heif_init(void *parameters);
heif_context *heif_context_alloc(void);
void heif_context_free(heif_context *context);
void heif_context_set_maximum_image_size_limit(heif_context *context, int longest_side);
void heif_context_set_max_decoding_threads(heif_context *context, int count);
heif_error heif_context_read_from_memory_without_copy(heif_context *context, const void *bytes,
                                                      size_t byte_count, const void *options);
heif_error heif_context_get_primary_image_handle(heif_context *context, heif_image_handle **handle);
void heif_image_handle_release(const heif_image_handle *handle);
int heif_image_handle_get_width(const heif_image_handle *handle);
int heif_image_handle_get_height(const heif_image_handle *handle);
int heif_image_handle_get_ispe_width(const heif_image_handle *handle);
int heif_image_handle_get_ispe_height(const heif_image_handle *handle);
int heif_image_handle_has_alpha_channel(const heif_image_handle *handle);
int heif_image_handle_is_premultiplied_alpha(const heif_image_handle *handle);
heif_decoding_options *heif_decoding_options_alloc(void);
void heif_decoding_options_free(heif_decoding_options *options);
heif_error heif_decode_image(const heif_image_handle *handle, heif_image **image, int colorspace,
                             int chroma, const heif_decoding_options *options);
int heif_image_get_width(const heif_image *image, int channel);
int heif_image_get_height(const heif_image *image, int channel);
const uint8_t *heif_image_get_plane_readonly(const heif_image *image, int channel, int *row_stride);
int heif_image_get_colorspace(const heif_image *image);
int heif_image_get_bits_per_pixel_range(const heif_image *image, int channel);
heif_error heif_image_handle_get_nclx_color_profile(const heif_image_handle *handle,
                                                    heif_color_profile_nclx **profile);
heif_error heif_image_get_nclx_color_profile(const heif_image *image,
                                             heif_color_profile_nclx **profile);
void heif_nclx_color_profile_free(heif_color_profile_nclx *profile);
int heif_image_get_decoding_warnings(heif_image *image, int first, heif_error *warnings, int count);
void heif_image_release(const heif_image *image);

// Every function above, once. The table and its loader are made from this list.
#define HEIF_FUNCTIONS(FUNCTION)                      \
  FUNCTION(init)                                      \
  FUNCTION(context_alloc)                             \
  FUNCTION(context_free)                              \
  FUNCTION(context_set_maximum_image_size_limit)      \
  FUNCTION(context_set_max_decoding_threads)          \
  FUNCTION(context_read_from_memory_without_copy)     \
  FUNCTION(context_get_primary_image_handle)          \
  FUNCTION(image_handle_release)                      \
  FUNCTION(image_handle_get_width)                    \
  FUNCTION(image_handle_get_height)                   \
  FUNCTION(image_handle_get_ispe_width)               \
  FUNCTION(image_handle_get_ispe_height)              \
  FUNCTION(image_handle_has_alpha_channel)            \
  FUNCTION(image_handle_is_premultiplied_alpha)       \
  FUNCTION(decoding_options_alloc)                    \
  FUNCTION(decoding_options_free)                     \
  FUNCTION(decode_image)                              \
  FUNCTION(image_get_width)                           \
  FUNCTION(image_get_height)                          \
  FUNCTION(image_get_plane_readonly)                  \
  FUNCTION(image_get_colorspace)                      \
  FUNCTION(image_get_bits_per_pixel_range)            \
  FUNCTION(image_handle_get_nclx_color_profile)       \
  FUNCTION(image_get_nclx_color_profile)              \
  FUNCTION(nclx_color_profile_free)                   \
  FUNCTION(image_get_decoding_warnings)               \
  FUNCTION(image_release)

#define HEIF_TYPE(name) typedef __typeof__(&heif_##name) heif_##name##_fn;
HEIF_FUNCTIONS(HEIF_TYPE)
#undef HEIF_TYPE

/// The functions of one opened library. Each member is non-null after a successful `cheif_resolve`.
typedef struct HeifFunctions {
#define HEIF_MEMBER(name) heif_##name##_fn name;
  HEIF_FUNCTIONS(HEIF_MEMBER)
#undef HEIF_MEMBER
} HeifFunctions;

/// Looks every function up in a library opened with `dlopen`.
///
/// Returns NULL when all were found, else the name of the first that is missing (static storage).
const char *cheif_resolve(void *library, HeifFunctions *functions);

// The calls that work on the file's data, with one addition: a C++ exception, such as the one that
// libheif lets escape when there is no memory, becomes an error instead of the end of the process.

/// Reads the file's structure; the bytes must outlive the context.
heif_error cheif_read(const HeifFunctions *functions, heif_context *context, const void *bytes,
                      size_t byte_count);

/// The name of libaom's decoder in `decoder_id`; others are used where libheif has none of that name.
const char *cheif_quiet_av1_decoder(void);

/// The picture that the file is about; released by `image_handle_release`.
heif_error cheif_primary_image(const HeifFunctions *functions, heif_context *context,
                               heif_image_handle **handle);

/// Decodes to interleaved RGB or RGBA, 8 bits a channel, or to what the picture is stored as where
/// `colorspace` and `chroma` are undefined; released by `image_release`.
heif_error cheif_decode(const HeifFunctions *functions, const heif_image_handle *handle,
                        heif_image **image, int colorspace, int chroma,
                        const heif_decoding_options *options);

#ifdef __cplusplus
}
#endif

#endif
