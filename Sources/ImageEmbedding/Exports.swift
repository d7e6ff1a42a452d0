// One import gives users the whole vocabulary: images, vectors, models' descriptions and the errors.
@_exported public import Embeddings
@_exported public import FrameBuffers
@_exported public import ImageFiles
@_exported public import Inference
@_exported public import ModelMetadata
@_exported public import Preprocessing
@_exported public import Storage
