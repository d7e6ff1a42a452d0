# find_package(ImageEmbedder) gives the target ImageEmbedder::imageembedder, for C11 and C++17.

get_filename_component(_image_embedder_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET ImageEmbedder::imageembedder)
  add_library(ImageEmbedder::imageembedder SHARED IMPORTED)
  set_target_properties(ImageEmbedder::imageembedder PROPERTIES
    IMPORTED_LOCATION "${_image_embedder_prefix}/lib/libimageembedder.so.@VERSION@"
    IMPORTED_SONAME "libimageembedder.so.@MAJOR@"
    INTERFACE_INCLUDE_DIRECTORIES "${_image_embedder_prefix}/include")
endif()

unset(_image_embedder_prefix)
