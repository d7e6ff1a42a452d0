// One import gives users paths, vectors and fingerprints too.
@_exported public import EmbedderEmbeddings
@_exported public import EmbedderStorage
