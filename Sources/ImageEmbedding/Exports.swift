// One import gives users the whole vocabulary: images, vectors, models' descriptions and the errors.
@_exported public import EmbedderEmbeddings
@_exported public import EmbedderFrameBuffers
@_exported public import EmbedderImageFiles
@_exported public import EmbedderInference
@_exported public import EmbedderModelMetadata
@_exported public import EmbedderPreprocessing
@_exported public import EmbedderStorage
