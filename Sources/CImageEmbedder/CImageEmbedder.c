// The functions of this header are written in Swift, in the room ImageEmbedderC.
#include "image_embedder.h"
