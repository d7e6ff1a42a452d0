// One import gives users stores, paths and vectors too.
@_exported public import EmbeddingStore
