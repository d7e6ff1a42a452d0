// One import gives users paths, vectors and fingerprints too.
@_exported public import Embeddings
@_exported public import Storage
